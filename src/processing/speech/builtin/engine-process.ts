import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Ending, runConfined } from '../../programs/sandbox.ts'
import { NICENESS } from '../../programs/session-priority.ts'
import { machineTicks, type TickReader } from '../../programs/throttle.ts'
import type { LibraryName } from './sherpa-library.ts'

/** How long the engine may take to load its model. It takes two seconds, and a minute if others keep all processors busy. */
const START_LIMIT_MS = 300_000
/** The time limit of the sandbox. Afterwards, the next request starts another engine. */
const LIFETIME_S = 6 * 3600
/** The memory limit of the sandbox. An engine is restarted long before it reaches it. */
const MEMORY_BYTES = 3 * 2 ** 30
/** Characters of its output that are kept. */
const MAX_OUTPUT_LENGTH = 2000

/** The engine did not start; the message says why. */
export class EngineError extends Error {}

/** The line that an engine prints at its start. */
export interface EngineStart {
  readonly library: LibraryName
  /** Why the native library does not load. */
  readonly fault?: string
}

interface Running {
  readonly model: string
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/**
 * The process of the built-in engine, in the sandbox: no network, and no files but its model, its code and the directory of its socket.
 * It starts when it is needed and ends with this process.
 */
export class EngineProcess {
  /** The engine's API key, which is known to these two processes only. */
  readonly key = randomBytes(32).toString('hex')
  readonly #directory = mkdtempSync(join(tmpdir(), 'longtake-speech-'))
  /** A socket in a directory that only this user can access. */
  readonly socketPath = join(this.#directory, 'socket')
  readonly #readTicks: TickReader
  #running: Running | undefined

  /** @param readTicks tells when it has to pause, because others need the processors. */
  constructor(readTicks: TickReader = machineTicks) {
    this.#readTicks = readTicks
  }

  /** Starts the engine unless it runs. @param model the directory of a converted model. @returns undefined if it ran already. @throws EngineError */
  async ensure(model: string): Promise<EngineStart | undefined> {
    if (this.#running?.model === model) return undefined
    await this.stop()
    rmSync(this.socketPath, { force: true })
    writeFileSync(join(this.#directory, 'key'), this.key, { mode: 0o600 })
    const stop = new AbortController()
    const { promise: started, resolve, reject } = Promise.withResolvers<EngineStart>()
    let [output, errors] = ['', '']
    const command = [process.execPath, join(import.meta.dirname, 'engine-main.ts'), model, this.#directory]
    const ended = runConfined(command, {
      limits: { seconds: LIFETIME_S, memory: MEMORY_BYTES, fileSize: 2 ** 20 },
      niceness: NICENESS.speech,
      pausesBy: this.#readTicks,
      signal: stop.signal,
      reads: [model],
      writes: [this.#directory],
      libraries: codePaths(),
      // It prints one line when it listens. The native library may print others.
      onStdout: chunk => {
        output = `${output}${chunk}`.slice(-MAX_OUTPUT_LENGTH)
        const line = /^\{"library":.*\}$/m.exec(output)
        if (line) resolve(JSON.parse(line[0]))
      },
      onStderr: chunk => {
        errors = `${errors}${chunk}`.slice(-MAX_OUTPUT_LENGTH)
      },
    })
      .catch((error: Error) => error)
      .then(reason => {
        if (this.#running === running) this.#running = undefined
        reject(new EngineError(`The speech engine cannot be started. ${explain(reason, errors)}`))
      })
    const running = { model, stop, ended }
    this.#running = running
    const timer = setTimeout(() => stop.abort(new Error('It took too long.')), START_LIMIT_MS)
    try {
      return await started
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends the engine, even in the middle of a request. A later `ensure` starts another one. */
  async stop(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    running?.stop.abort()
    await running?.ended
  }

  /** Removes the engine's directory. Call it after the last `stop`. */
  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }
}

function explain(reason: Ending | Error, errors: string): string {
  if (reason instanceof Error) return reason.message
  return errors.trim() || `It ended with ${reason.signal ?? `exit code ${reason.code}`}.`
}

/** The engine's own code, and the packages that it loads. */
function codePaths(): string[] {
  const root = join(import.meta.dirname, '..', '..', '..', '..')
  const { resolve } = createRequire(import.meta.url)
  const library = dirname(realpathSync(resolve('sherpa-onnx-node/package.json')))
  const wasm = dirname(realpathSync(resolve('sherpa-onnx/package.json')))
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const binary = join(library, '..', `sherpa-onnx-${platform}-${process.arch}`)
  const own = [join(root, 'package.json'), join(root, 'src', 'base'), join(import.meta.dirname, '..')]
  const paths = [...own, library, binary, wasm]
  return paths.filter(path => existsSync(path))
}
