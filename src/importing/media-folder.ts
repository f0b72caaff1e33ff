import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, sep } from 'node:path'
import { StartError } from '../base/errors.ts'
import { type Source, Unreadable } from './item.ts'

const READ_BYTES = 1024 * 1024

/** A folder of an old application. Files outside it are never read, whatever paths its database contains. */
export class MediaFolder {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** @param option the command line option for the folder, for messages. @throws StartError */
  static async open(path: string, option: string): Promise<MediaFolder> {
    const found = await realpath(path).catch((error: NodeJS.ErrnoException) => {
      throw new StartError(`${option}: the folder ${path} ${reasonOf(error)}.`)
    })
    if (!(await stat(found)).isDirectory()) throw new StartError(`${option}: ${path} is not a folder.`)
    return new MediaFolder(found)
  }

  /** @param path within the folder. @throws Unreadable if the file does not exist or is outside the folder. */
  async file(path: string): Promise<FileSource> {
    const shown = JSON.stringify(path)
    if (path.includes('\0')) throw new Unreadable(`its file name ${shown} is not valid`)
    if (isAbsolute(path)) throw new Unreadable(`its path ${shown} is not relative to the folder`)
    const found = await realpath(join(this.path, path)).catch(async (error: NodeJS.ErrnoException) => {
      if (!this.contains(join(this.path, path))) throw new Unreadable(`its path ${shown} leaves the folder`)
      throw new Unreadable(`its file ${shown} ${reasonOf(error)}`)
    })
    if (!this.contains(found)) throw new Unreadable(`its path ${shown} leaves the folder`)
    return FileSource.of(found, shown)
  }

  contains(path: string): boolean {
    return path.startsWith(this.path.endsWith(sep) ? this.path : this.path + sep)
  }
}

/** The bytes of a file. Reading fails if the file changes in the meantime. */
export class FileSource implements Source {
  readonly path: string
  readonly #name: string
  readonly #size: number
  readonly #changed: number

  private constructor(path: string, name: string, size: number, changed: number) {
    this.path = path
    this.#name = name
    this.#size = size
    this.#changed = changed
  }

  /** @param name for messages. @throws Unreadable */
  static async of(path: string, name: string): Promise<FileSource> {
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new Unreadable(`its file ${name} ${reasonOf(error)}`)
    })
    if (!found.isFile()) throw new Unreadable(`${name} is not a file`)
    return new FileSource(path, name, found.size, found.mtimeMs)
  }

  get modified(): Date {
    return new Date(this.#changed)
  }

  /** @throws Unreadable if this user is not permitted to read the file. */
  async size(): Promise<number> {
    await (await this.#open()).close()
    return this.#size
  }

  async *read(): AsyncIterable<Uint8Array> {
    const file = await this.#open()
    try {
      let read = 0
      for (;;) {
        const { buffer, bytesRead } = await file
          .read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, read)
          .catch((error: NodeJS.ErrnoException) => {
            throw new Unreadable(`its file ${this.#name} ${reasonOf(error)}`)
          })
        if (bytesRead === 0) break
        read += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
      const { size, mtimeMs } = await file.stat()
      if (read !== this.#size || size !== this.#size || mtimeMs !== this.#changed)
        throw new Unreadable(`its file ${this.#name} was changed while it was copied`)
    } finally {
      await file.close()
    }
  }

  async #open(): Promise<FileHandle> {
    // The file may have been replaced by a link in the meantime.
    return open(this.path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(
      (error: NodeJS.ErrnoException) => {
        throw new Unreadable(`its file ${this.#name} ${reasonOf(error)}`)
      },
    )
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'is missing',
  ENOTDIR: 'is missing',
  EACCES: 'cannot be read by this user',
  EPERM: 'cannot be read by this user',
  ELOOP: 'is a link',
  ENAMETOOLONG: 'has a name that is too long',
  EIO: 'cannot be read from its disk',
}

export function reasonOf({ code = '', message }: NodeJS.ErrnoException): string {
  return REASONS[code] ?? `cannot be read (${code || message})`
}
