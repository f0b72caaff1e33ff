import { FileStore } from '@tus/file-store'
import { Upload } from '@tus/utils'

const NO_SIDECARS = { get: async () => undefined, set: async () => {}, delete: async () => {} }

/**
 * @returns a function that creates an upload's empty file with `@tus/file-store`. Longtake writes the bytes itself, because the package
 * never syncs them, and uses no JSON sidecars, because the database holds the state of uploads.
 */
export function fileCreator(directory: string): (key: string) => Promise<void> {
  const files = new FileStore({ directory, configstore: NO_SIDECARS })
  return async key => {
    await files.create(new Upload({ id: key, offset: 0 }))
  }
}
