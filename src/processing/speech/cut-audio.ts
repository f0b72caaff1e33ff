import { SPEECH_MP3 } from '../media/speech-mix.ts'
import { type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import type { AudioFormat } from './speech-to-text.ts'

const ENCODERS: Readonly<Record<AudioFormat, readonly string[]>> = {
  mp3: SPEECH_MP3,
  wav: ['-c:a', 'pcm_s16le'],
}

/** Copies a part of an audio file, exact to the sample. @param from and @param to in seconds. */
export async function cutAudio(
  input: string,
  output: string,
  { from, to, format }: { readonly from: number; readonly to: number; readonly format: AudioFormat },
  options: RunOptions,
): Promise<void> {
  const cut = {
    map: ['0:a:0'],
    options: ['-t', (to - from).toFixed(3), ...ENCODERS[format], '-map_metadata', '-1'],
    format,
    path: output,
  }
  await runFfmpeg({ input, inputOptions: ['-ss', from.toFixed(3)], outputs: [cut] }, options)
}
