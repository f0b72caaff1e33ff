import { extname } from 'node:path'
import { type RunOptions, runFfmpeg } from './ffmpeg.ts'

/** Options that make the file that a name's end asks for. */
const ENCODINGS: Readonly<Record<string, { options: readonly string[]; format: string }>> = {
  '.mp3': { options: ['-c:a', 'libmp3lame', '-b:a', '48k'], format: 'mp3' },
  '.wav': { options: ['-c:a', 'pcm_s16le'], format: 'wav' },
}

/** Cuts a stretch out of an audio file, exact to the sample, as MP3 or WAV by the name. Times are seconds. */
export async function cutAudio(
  input: string,
  output: string,
  from: number,
  to: number,
  run: RunOptions,
): Promise<void> {
  const { options, format } = ENCODINGS[extname(output)]!
  const cut = {
    map: ['0:a:0'],
    options: ['-t', (to - from).toFixed(3), ...options, '-map_metadata', '-1'],
    format,
    path: output,
  }
  await runFfmpeg({ input, inputOptions: ['-ss', from.toFixed(3)], outputs: [cut] }, run)
}
