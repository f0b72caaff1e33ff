import { FileStore } from '@tus/file-store'
import { Upload } from '@tus/utils'

const NO_SIDECARS = { get: async () => undefined, set: async () => {}, delete: async () => {} }

/**
 * @returns what creates an upload's empty file, by `@tus/file-store`. Its writing is not used, because it never syncs, and its JSON
 * sidecars are not, because the state of uploads is in the database.
 */
export function fileCreator(directory: string): (key: string) => Promise<void> {
  const files = new FileStore({ directory, configstore: NO_SIDECARS })
  return async key => {
    await files.create(new Upload({ id: key, offset: 0 }))
  }
}
