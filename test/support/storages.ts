import { DiskObjects } from '../../src/objects/disk/disk-objects.ts'
import { StorageDirectory } from '../../src/objects/disk/storage-directory.ts'
import type { ObjectStorage } from '../../src/objects/object-storage.ts'
import { DiskUploadBytes } from '../../src/uploads/bytes/disk/disk-upload-bytes.ts'
import type { UploadBytes } from '../../src/uploads/bytes/upload-bytes.ts'
import { fileCreator } from '../../src/uploads/tus/file-creator.ts'
import { MemoryObjects } from './memory-objects.ts'
import { MemoryUploadBytes } from './memory-upload-bytes.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

export interface OpenedStorage {
  readonly objects: ObjectStorage
  readonly bytes: UploadBytes
}

/** Every implementation, opened on an empty storage. @returns what opens it once more, as another process does. */
export const STORAGES: Readonly<Record<string, () => () => OpenedStorage>> = {
  disk: () => {
    const directory = throwAwayDirectory('storage')
    return () => diskStorage(directory)
  },
  memory: () => {
    const [objects, parts] = [new Map<string, Buffer>(), new Map<string, Buffer>()]
    return () => ({ objects: new MemoryObjects(objects), bytes: new MemoryUploadBytes(objects, parts) })
  },
}

export function diskStorage(path: string) {
  const directory = new StorageDirectory(path)
  return {
    objects: new DiskObjects(directory),
    bytes: new DiskUploadBytes(directory, fileCreator(path)),
  }
}

/** Chunks as they would arrive. */
export async function* bytes(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}
