import type { StepError } from '../../base/errors.ts'
import { runFfmpeg } from '../programs/ffmpeg.ts'
import { isFileFault } from './file-faults.ts'
import { isLarge, type MediaStream } from './media-info.ts'

export interface StrictDecoding {
  readonly signal: AbortSignal
  /** Seconds at which decoding begins; 0 if absent. */
  readonly from?: number
  /** Called with the seconds of media that are decoded so far. */
  readonly onTime?: (seconds: number) => void
}

/** Browsers stop at the first decoding error. The deblocking filter is skipped, because it takes time and finds no errors. */
const STRICT = ['-err_detect', 'explode', '-skip_loop_filter', 'all']

/**
 * Decodes a stream to its end, as strictly as browsers do. @returns the first fault, or undefined.
 * @throws StepError `too_much` if it takes more memory or time than is allowed; the signal's reason.
 */
export async function findDecodingFault(
  path: string,
  stream: MediaStream,
  { signal, from = 0, onTime }: StrictDecoding,
): Promise<string | undefined> {
  const job = {
    input: path,
    inputOptions: [...STRICT, ...(from > 0 ? ['-ss', from.toFixed(3)] : [])],
    largePictures: isLarge(stream),
    outputs: [{ map: [`0:${stream.index}`], options: ['-xerror'], format: 'null' }],
  }
  try {
    const { lines } = await runFfmpeg(job, onTime ? { signal, onTime } : { signal })
    return hasOutput(lines) ? undefined : 'nothing is decoded'
  } catch (error) {
    if (!isFileFault(error) || error.code === 'too_much') throw error
    return faultOf(error)
  }
}

/**
 * Decodes the beginning of a stream.
 * @returns whether anything could be decoded: damaged files may have a header and no media.
 * @throws StepError `too_much` if it takes more memory or time than is allowed.
 */
export async function isDecodable(path: string, stream: MediaStream, signal: AbortSignal): Promise<boolean> {
  const job = {
    input: path,
    // Damaged packets are dropped, not concealed.
    inputOptions: ['-err_detect', 'explode'],
    largePictures: isLarge(stream),
    outputs: [
      { map: [`0:${stream.index}`], options: ['-frames', '25', '-max_error_rate', '1'], format: 'null' },
    ],
  }
  try {
    const { lines } = await runFfmpeg(job, { signal })
    return hasOutput(lines)
  } catch (error) {
    if (!isFileFault(error) || error.code === 'too_much') throw error
    return false
  }
}

function hasOutput(lines: readonly string[]): boolean {
  return lines.some(line => /(frame|time)=\s*(?!0\s|00:00:00\.00|N\/A|-)\S/.test(line))
}

/** ffmpeg's first error message, without the address of its context. */
function faultOf({ cause, message }: StepError): string {
  const lines = cause instanceof Error ? cause.message.split('\n') : []
  const fault = lines.find(line => /error|invalid|missing|corrupt|non-existing|exceed/i.test(line)) ?? message
  return fault.replaceAll(/ @ 0x[0-9a-f]+/g, '').trim()
}
