import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { searchPath } from '../../programs/search-path.ts'

/** How long the engine may take to load its model, on a busy machine. */
const START_LIMIT_MS = 120_000

/** The engine did not start; the message says why. */
export class EngineError extends Error {}

/** The process that transcribes: it is started when it is needed, and ends with this one. */
export class EngineProcess {
  /** The API key of the engine. Nobody else knows it. */
  readonly key = randomBytes(32).toString('hex')
  readonly #directory = mkdtempSync(join(tmpdir(), 'longtake-speech-'))
  /** A socket that only this user reaches. */
  readonly socketPath = join(this.#directory, 'socket')
  #child: ChildProcess | undefined
  #engine = ''

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** `native` or `wasm`, once it ran. */
  get engine(): string {
    return this.#engine
  }

  /** Starts it unless it runs. @param model the directory of a converted model. @throws EngineError */
  async ensure(model: string): Promise<void> {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) return
    rmSync(this.socketPath, { force: true })
    const program = join(import.meta.dirname, 'engine-main.ts')
    const child = spawn(process.execPath, [program, model, this.socketPath], {
      // This process' own environment holds passwords.
      env: { PATH: searchPath(), MALLOC_ARENA_MAX: '2' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stdin.on('error', () => {})
    child.stdin.write(`${this.key}\n`)
    const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS)
    try {
      this.#engine = (JSON.parse(await firstLine(child)) as { engine: string }).engine
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends it and whatever it does. A later `ensure` starts another. */
  async stop(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }

  /** After the last `stop`. */
  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

/** @throws EngineError if the process ends before it has written a line. */
async function firstLine(child: ChildProcess & { stdout: Readable; stderr: Readable }): Promise<string> {
  let [output, errors] = ['', '']
  child.stderr.on('data', chunk => {
    errors = `${errors}${chunk}`.slice(-2000)
  })
  return new Promise((resolve, reject) => {
    child.once('error', error =>
      reject(new EngineError(`The speech engine cannot be started: ${error.message}`)),
    )
    child.once('close', () =>
      reject(new EngineError(`The speech engine cannot be started. ${errors.trim()}`)),
    )
    child.stdout.on('data', chunk => {
      output += chunk
      const end = output.indexOf('\n')
      if (end >= 0) resolve(output.slice(0, end))
    })
  })
}
