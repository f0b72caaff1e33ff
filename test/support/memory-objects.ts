import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { ByteRange, ObjectStorage, Take } from '../../src/objects/object-storage.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

/** Objects in memory. It shares no code with the disk, so that the contract is tested and not an implementation. */
export class MemoryObjects implements ObjectStorage {
  readonly objects: Map<string, Buffer>

  /** @param objects of another instance, to see what it stores. */
  constructor(objects = new Map<string, Buffer>()) {
    this.objects = objects
  }

  async put(path: string, key: string): Promise<number> {
    const bytes = await readFile(path)
    await rm(path)
    this.objects.set(key, bytes)
    return bytes.length
  }

  async write(key: string, source: AsyncIterable<Uint8Array>): Promise<number> {
    const bytes = await Readable.from(source)
      .toArray()
      .then(chunks => Buffer.concat(chunks))
    this.objects.set(key, bytes)
    return bytes.length
  }

  async size(key: string): Promise<number | undefined> {
    return this.objects.get(key)?.length
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const bytes = this.#get(key)
    return Readable.from([bytes.subarray(range?.start ?? 0, range ? range.end + 1 : bytes.length)])
  }

  async send(key: string, { start, end }: ByteRange, take: Take): Promise<void> {
    const bytes = this.#get(key)
    if (end >= bytes.length) throw new Error(`${key} has no byte ${end}`)
    for (let at = start; at <= end; at += 1000)
      if (!(await take(bytes.subarray(at, Math.min(at + 1000, end + 1))))) return
  }

  async withFile<T>(key: string, use: (path: string) => Promise<T>): Promise<T> {
    const path = join(throwAwayDirectory('memory-object'), randomUUID())
    await writeFile(path, this.#get(key))
    return use(path)
  }

  async remove(key: string, keep?: string): Promise<void> {
    for (const each of [...this.objects.keys()])
      if (each !== keep && (each === key || (key.endsWith('/') && each.startsWith(key))))
        this.objects.delete(each)
  }

  async check(): Promise<void> {}

  #get(key: string): Buffer {
    const bytes = this.objects.get(key)
    if (!bytes) throw new Error(`no object ${key}`)
    return bytes
  }
}
