import { DataStore } from '@tus/utils'

/**
 * Tells @tus/server which extensions the server supports. It implements no other method, because our handlers use the core's UploadStore:
 * the handlers of @tus/server would report success before the bytes are synced, and finish an upload after its lock is released.
 */
export class TusDataStore extends DataStore {
  override extensions = [
    'creation',
    'creation-with-upload',
    'creation-defer-length',
    'termination',
    'expiration',
    'checksum',
    'checksum-trailer',
    'concatenation',
    'concatenation-unfinished',
  ]
}
