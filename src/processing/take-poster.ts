import { type RunOptions, runFfmpeg } from './ffmpeg.ts'

/** Takes a telling frame near a time in seconds as JPEG, at most 1280 pixels wide. */
export async function takePoster(
  input: string,
  output: string,
  at: number,
  options: RunOptions,
): Promise<void> {
  const still = {
    map: ['0:v:0'],
    videoFilters: ["scale='min(1280,iw)':-2", 'thumbnail=25', 'format=yuvj420p'],
    options: ['-frames:v', '1', '-q:v', '3', '-update', '1'],
    format: 'image2',
    path: output,
  }
  await runFfmpeg({ input, inputOptions: ['-ss', at.toFixed(3)], outputs: [still] }, options)
}
