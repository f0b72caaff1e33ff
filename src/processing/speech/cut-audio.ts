import { type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'

/** Cuts a stretch out of an audio file, exact to the sample, as MP3. Times are seconds. */
export async function cutAudio(
  input: string,
  output: string,
  from: number,
  to: number,
  options: RunOptions,
): Promise<void> {
  const cut = {
    map: ['0:a:0'],
    options: ['-t', (to - from).toFixed(3), '-c:a', 'libmp3lame', '-b:a', '48k', '-map_metadata', '-1'],
    format: 'mp3',
    path: output,
  }
  await runFfmpeg({ input, inputOptions: ['-ss', from.toFixed(3)], outputs: [cut] }, options)
}
