// Terminal client: uploads files to a Longtake server, resumes interrupted uploads, and follows the processing.
import { basename } from 'node:path'
import { runCommand } from './command-line/interrupt.ts'
import { openTerminal, printable } from './command-line/terminal.ts'
import { UserError } from './command-line/user-error.ts'
import { type Arguments, readArguments } from './upload/arguments.ts'
import { filesOf } from './upload/files.ts'
import { follow, type Video } from './upload/follow.ts'
import { resultText, stepReporter } from './upload/report.ts'
import { listUnfinished } from './upload/unfinished.ts'
import { type Uploaded, uploadFile } from './upload/upload-file.ts'

const terminal = openTerminal(process.stderr)

interface Result {
  readonly path: string
  readonly video?: Video
  readonly error?: string
}

async function main(signal: AbortSignal): Promise<number> {
  const given = readArguments(process.argv.slice(2))
  if (typeof given === 'string') {
    process.stdout.write(given)
    return 0
  }
  if (given.unfinished) return listUnfinished(given, signal)
  const paths = filesOf(given.patterns)
  if (paths.length > 1 && given.metadata['title'] !== undefined)
    throw new UserError(`--title names one video, and there are ${paths.length} files: leave it out.`)
  const uploads = await uploadAll(paths, given, signal)
  const failed = uploads.filter(({ error }) => error !== undefined)
  for (const result of failed) report(result, given)
  const results = []
  for (const { path, uploaded } of uploads)
    if (uploaded) results.push(await watch({ path, uploaded, isOne: paths.length === 1 }, given, signal))
  const ready = results.filter(({ video }) => video?.status === 'ready').length
  if (paths.length > 1) terminal.line(`${ready} of ${paths.length} files are ready.`)
  return ready === paths.length ? 0 : 1
}

interface Attempt {
  readonly path: string
  readonly uploaded?: Uploaded
  readonly error?: string
}

/** Uploads one file after the other. A file that is refused does not stop the others. */
async function uploadAll(
  paths: readonly string[],
  given: Arguments,
  signal: AbortSignal,
): Promise<Attempt[]> {
  const attempts: Attempt[] = []
  for (const path of paths) {
    try {
      attempts.push({ path, uploaded: await uploadFile(path, { ...given, terminal, signal }) })
    } catch (error) {
      if (signal.aborted || !(error instanceof UserError)) throw error
      attempts.push({ path, error: error.message })
      // At a wrong address, every file would fail in the same way.
      if (error.endsAll) break
    }
  }
  // Until all are uploaded, a repeated command must not upload the first ones again.
  if (attempts.length === paths.length && attempts.every(({ uploaded }) => uploaded))
    for (const { uploaded } of attempts) uploaded?.store.remove()
  return attempts
}

interface Followed {
  readonly path: string
  readonly uploaded: Uploaded
  readonly isOne: boolean
}

async function watch(
  { path, uploaded, isOne }: Followed,
  given: Arguments,
  signal: AbortSignal,
): Promise<Result> {
  const videoUrl = `${given.server}/videos/${uploaded.id}`
  terminal.line(isOne ? 'Processing:' : `Processing ${basename(path)}:`)
  try {
    const video = await follow(videoUrl, {
      signal,
      onVideo: stepReporter(terminal),
      onLost: reason => terminal.line(`Connection lost (${reason}), waiting for the server.`),
    })
    terminal.line('')
    const result = { path, video }
    report(result, given, isOne ? '' : `${basename(path)}\n`)
    return result
  } catch (error) {
    if (signal.aborted)
      terminal.line(`Stopped. The upload is complete, and the server continues to process it: ${videoUrl}`)
    if (signal.aborted || !(error instanceof UserError)) throw error
    const result = { path, error: error.message }
    report(result, given)
    return result
  }
}

function report({ path, video, error }: Result, { server, json }: Arguments, heading = ''): void {
  const watchUrl = video && `${server}/watch/${video.id}`
  if (json) console.log(JSON.stringify({ file: path, watch_url: watchUrl, video, error }))
  else if (error !== undefined) terminal.line(error)
  else if (video) console.log(printable(`${heading}${resultText(video, `${server}/videos/${video.id}`)}`))
}

await runCommand(main)
