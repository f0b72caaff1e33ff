import { DataStore } from '@tus/utils'

/**
 * The DataStore that @tus/server asks for its extensions. It has no other method: our handlers use the core's UploadStore, because theirs
 * would tell success before the bytes are synced, and finish an upload after its lock is released.
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
