import { SPEECH_MP3 } from '../media/speech-mix.ts'
import { type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'

/** Copies a part of an audio file, exact to the sample, into an MP3. @param from and @param to in seconds. */
export async function cutAudio(
  input: string,
  output: string,
  from: number,
  to: number,
  options: RunOptions,
): Promise<void> {
  const cut = {
    map: ['0:a:0'],
    options: ['-t', (to - from).toFixed(3), ...SPEECH_MP3, '-map_metadata', '-1'],
    format: 'mp3',
    path: output,
  }
  await runFfmpeg({ input, inputOptions: ['-ss', from.toFixed(3)], outputs: [cut] }, options)
}
