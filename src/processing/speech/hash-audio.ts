import { readFile } from 'node:fs/promises'
import { StepError } from '../../base/errors.ts'
import { type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'

/**
 * Hashes the sound of an extracted audio file: its coded frames, without what is written around them. They come from the decoded audio of
 * the source by an encoder that gives the same for the same, so that they are equal wherever the sound is, whatever it came in.
 * @param output where ffmpeg may write. @returns SHA-256 in hex.
 */
export async function hashAudio(input: string, output: string, options: RunOptions): Promise<string> {
  const hash = { map: ['0:a:0'], options: ['-c:a', 'copy', '-hash', 'sha256'], format: 'hash', path: output }
  await runFfmpeg({ input, outputs: [hash] }, options)
  const [, digest] = /^SHA256=([0-9a-f]{64})$/m.exec(await readFile(output, 'utf8')) ?? []
  if (!digest) throw new StepError('internal', 'The audio could not be hashed.', { retryable: true })
  return digest
}
