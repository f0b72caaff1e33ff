import { DiskStorage } from '../../src/objects/disk/disk-storage.ts'
import type { Storage } from '../../src/objects/object-storage.ts'

/** Every implementation of Storage, opened on an empty directory. */
export const STORAGES: Readonly<Record<string, (directory: string) => Storage>> = {
  DiskStorage: directory => new DiskStorage(directory),
}

/** Chunks as they would arrive. */
export async function* bytes(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}
