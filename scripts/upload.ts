// Terminal client: sends one file to a Longtake server, resumes what was interrupted, and follows the processing.
import { fstatSync, openSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { CREDENTIAL } from './upload/credential.ts'
import { follow } from './upload/follow.ts'
import { mediaType } from './upload/media-types.ts'
import { resultText, stepReporter } from './upload/report.ts'
import { openResumeStore } from './upload/resume-store.ts'
import { send } from './upload/send.ts'
import { bytesText, openTerminal, percentText, printable, progressLines } from './upload/terminal.ts'
import { UserError } from './upload/user-error.ts'

const USAGE = `Usage: npm run upload -- FILE [options]

Uploads a video or audio file and shows what becomes of it. After Ctrl-C, a lost network or a restart, the same command
goes on where the upload stood.

  --title TEXT         shown for the video; its file name otherwise
  --description TEXT   shown with the video
  --language CODE      spoken language, such as en or de, for the transcript
  --url URL            the server (http://127.0.0.1:3000)
  --help               shows this

Where the server asks who it is, LONGTAKE_KEY in the environment says it: an API key or a token.

Exit codes: 0 the video is ready, 1 it failed or could not be uploaded, 130 interrupted.`

/** Conventional exit codes: 128 and the signal's number. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

class Interrupted extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super('Interrupted')
    this.exitCode = exitCode
  }
}

const terminal = openTerminal(process.stderr)

async function main(): Promise<number> {
  const { file, server, metadata } = readArguments()
  if (!file) {
    console.log(USAGE)
    return 0
  }
  const controller = new AbortController()
  for (const [name, code] of Object.entries(SIGNALS)) {
    // npm forwards a signal that the terminal has sent to us already: only the first counts.
    process.on(name, () => controller.abort(new Interrupted(code)))
  }
  const id = await upload(file, server, metadata, controller.signal)
  return watch(`${server}/videos/${id}`, controller.signal)
}

function readArguments() {
  const { values, positionals } = parse()
  if (values.help) return { file: undefined, server: '', metadata: {} }
  const [file, ...others] = positionals
  if (!file) throw new UserError('Name the file to upload: npm run upload -- FILE (--help tells more).')
  if (others.length > 0) {
    throw new UserError(
      `One file at a time, and these are ${positionals.length}; a name with spaces needs quotes.`,
    )
  }
  const server = values.url.replace(/\/+$/, '')
  if (!/^https?:\/\//i.test(server) || !URL.canParse(server)) {
    throw new UserError(`--url must be an address such as http://127.0.0.1:3000, not "${values.url}".`)
  }
  const { title, description, language } = values
  const given = { filename: basename(file), filetype: mediaType(file), title, description, language }
  const metadata = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  return { file: resolve(file), server, metadata }
}

function parse() {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        title: text,
        description: text,
        language: text,
        url: { ...text, default: 'http://127.0.0.1:3000' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    // Its first sentence; the others are advice on this library's rarer forms.
    throw new UserError(`${(error as Error).message.split('. ')[0]} (--help tells more).`)
  }
}

/** @returns the id of the finished upload, which is that of the video. */
async function upload(
  path: string,
  server: string,
  metadata: Record<string, string>,
  signal: AbortSignal,
): Promise<string> {
  const { fd, size, changed } = openFile(path)
  const store = openResumeStore([server, path, String(size), String(changed)])
  const line = progressLines(size)
  let safe = 0
  terminal.line(`Uploading ${basename(path)} (${bytesText(size)}) to ${server}`)
  try {
    const url = await send({
      fd,
      size,
      changed,
      endpoint: `${server}/uploads`,
      metadata,
      store,
      signal,
      onProgress: sent => terminal.status(line(sent)),
      onSafe: bytes => {
        safe = bytes
      },
      onResume: offset => terminal.line(`Going on at ${bytesText(offset)} (${percentText(offset, size)}).`),
      onLost: (reason, seconds, before) =>
        terminal.line(
          `${before ? 'Connection lost' : 'No connection'} (${reason}), trying again in ${seconds} s.`,
        ),
      onNote: text => terminal.line(text),
    })
    terminal.line(`Uploaded: ${bytesText(size)}.`)
    const now = fstatSync(fd)
    if (now.size !== size || now.mtimeMs !== changed) {
      terminal.line('The file has changed while it was uploaded: what the server has may be a mix of both.')
    }
    return new URL(url).pathname.replace(/\/+$/, '').split('/').at(-1)!
  } catch (error) {
    if (signal.aborted) {
      const url = store.read()
      if (url) safe = await safeBytes(url, safe)
      terminal.line(
        url
          ? `Stopped. ${bytesText(safe)} of ${bytesText(size)} (${percentText(safe, size)}) are safe on the server; run the same again to go on from there.`
          : 'Stopped before anything was uploaded.',
      )
    }
    throw error
  }
}

function openFile(path: string): { fd: number; size: number; changed: number } {
  try {
    const fd = openSync(path, 'r')
    const stat = fstatSync(fd)
    if (stat.isFile()) return { fd, size: stat.size, changed: stat.mtimeMs }
    throw new UserError(
      `${path} is ${stat.isDirectory() ? 'a directory' : 'not a file'}; name one file to upload.`,
    )
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UserError(`There is no file ${path}.`)
    if (code === 'EACCES' || code === 'EPERM') throw new UserError(`${path} may not be read by this user.`)
    throw error
  }
}

/**
 * Bytes of an upload that the server has made safe, asked for a second at most: nobody who pressed Ctrl-C wants to wait.
 * The bytes that were on their way at that moment count a little later, so it asks until there is more than `known`.
 */
async function safeBytes(url: string, known: number): Promise<number> {
  const signal = AbortSignal.timeout(1000)
  try {
    for (;;) {
      const answer = await fetch(url, {
        method: 'HEAD',
        headers: { ...CREDENTIAL, 'tus-resumable': '1.0.0' },
        signal,
      })
      const offset = Number(answer.headers.get('upload-offset') ?? 0)
      if (offset > known) return offset
      await pause(100, undefined, { signal })
    }
  } catch {
    return known
  }
}

async function watch(videoUrl: string, signal: AbortSignal): Promise<number> {
  terminal.line('Processing:')
  try {
    const video = await follow(videoUrl, {
      signal,
      onVideo: stepReporter(terminal),
      onLost: reason => terminal.line(`Connection lost (${reason}), waiting for the server.`),
    })
    terminal.line('')
    console.log(printable(resultText(video, videoUrl)))
    return video.status === 'ready' ? 0 : 1
  } catch (error) {
    if (signal.aborted)
      terminal.line(`Stopped. The upload is complete and the server goes on with it: ${videoUrl}`)
    throw error
  }
}

try {
  process.exit(await main())
} catch (error) {
  if (error instanceof Interrupted) process.exit(error.exitCode)
  if (error instanceof Error && error.name === 'AbortError' && error.cause instanceof Interrupted) {
    process.exit(error.cause.exitCode)
  }
  terminal.line(error instanceof UserError ? error.message : `Something unexpected went wrong: ${error}`)
  process.exit(1)
}
