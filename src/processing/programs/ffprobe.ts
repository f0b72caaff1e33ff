import { recognise } from './container.ts'
import { inputGuard, MEMORY_BYTES, sizeOf, unreadable } from './input-limits.ts'
import { faultBehind } from './machine-faults.ts'
import { byLine, describeEnding, MAX_LINE_LENGTH, type RunOptions, runProgram } from './media-program.ts'
import { MAX_OPENED, openOnly, refusedDecoder } from './opened-decoders.ts'

/** Most options read the head of a file, some read all packets. */
const maxSecondsFor = (bytes: number) => 60 + bytes / 10_000_000
/** Characters of the answer about all streams together. */
const MAX_ANSWER_LENGTH = 4 * 2 ** 20
/** Lines of error messages that are kept. */
const MAX_ERROR_LINES = 100

/**
 * Runs ffprobe on a file.
 * @param options such as `-show_streams` and `-of csv`.
 * @param onLine gets the answer, which can be long, line by line.
 * @param onRestart is called when the answer begins again.
 * @throws StepError `unsupported_media` if the file cannot be opened; MachineFault; the signal's reason.
 */
export async function askFfprobe(
  input: string,
  options: readonly string[],
  onLine: (line: string) => void,
  { signal }: RunOptions,
  onRestart: () => void = () => {},
): Promise<void> {
  signal.throwIfAborted()
  const demuxer = await recognise(input)
  const limits = { seconds: maxSecondsFor(await sizeOf(input)), memory: MEMORY_BYTES, fileSize: 0 }
  const opened = new Set<string>()
  for (;;) {
    const errors: string[] = []
    const command = [
      ...['ffprobe', '-v', 'error', ...inputGuard(demuxer), ...openOnly(opened)],
      ...[...options, '-i', `file:${input}`],
    ]
    const ending = await runProgram(command, {
      limits,
      signal,
      reads: [input],
      onStdout: byLine(onLine),
      onStderr: byLine(line => {
        errors.push(line.slice(0, MAX_LINE_LENGTH))
        if (errors.length > MAX_ERROR_LINES) errors.shift()
      }),
    })
    if (ending.code === 0) return
    const refused = refusedDecoder(errors)
    if (!refused || opened.has(refused) || opened.size >= MAX_OPENED) {
      const detail = errors.slice(-5).join('\n') || describeEnding(ending)
      throw (await faultBehind(ending, [], signal, detail)) ?? unreadable(detail)
    }
    opened.add(refused)
    onRestart()
  }
}

/**
 * Runs ffprobe on a file.
 * @param skips whether a line is left out of the answer.
 * @returns the parsed JSON of the answer.
 * @throws StepError as `askFfprobe`, and `unsupported_media` if the answer is longer than that of any film.
 */
export async function runFfprobe(
  input: string,
  options: readonly string[],
  { signal }: RunOptions,
  skips: (line: string) => boolean = () => false,
): Promise<unknown> {
  const answer: string[] = []
  let length = 0
  const tooLong = new AbortController()
  const onLine = (line: string) => {
    if (skips(line)) return
    length += line.length
    if (length > MAX_ANSWER_LENGTH) tooLong.abort(unreadable('the answer is too long'))
    else answer.push(line)
  }
  const either = AbortSignal.any([signal, tooLong.signal])
  await askFfprobe(input, [...options, '-of', 'json=compact=1'], onLine, { signal: either }, () => {
    answer.length = length = 0
  })
  try {
    // ffprobe prints UTF-8 if the file's tags are UTF-8.
    return JSON.parse(Buffer.from(answer.join(''), 'latin1').toString('utf8'))
  } catch (error) {
    throw unreadable(`${error}`)
  }
}
