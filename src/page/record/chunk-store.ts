/** A recording that the server does not have completely yet. */
export interface StoredRecording {
  readonly id: string
  /** As the server has it. Its creation must be repeated with the same title. */
  readonly title: string
  /** The title that the user has given it since. */
  readonly newTitle?: string | undefined
  readonly type: string
  /** Start of the recording, in milliseconds since 1970. */
  readonly began: number
  /** Seconds recorded so far. */
  readonly seconds: number
  /** Bytes recorded so far, including those that only the server still has. */
  readonly recorded: number
  /** Link to its upload; absent until the server has created the recording. */
  readonly upload?: string | undefined
  /** The Idempotency-Key of its creation, if that is not `id`. */
  readonly creation?: string
  /** Bytes in total, once the recording has ended. */
  readonly length?: number
}

export interface Chunk {
  readonly recording: string
  /** Bytes of the recording before this chunk. */
  readonly offset: number
  readonly blob: Blob
}

const RECORDINGS = 'recordings'
/** The old name of chunks: browsers already have databases with it. */
const CHUNKS = 'pieces'

let opened: Promise<IDBDatabase> | undefined

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('longtake-recordings', 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(RECORDINGS, { keyPath: 'id' })
      request.result.createObjectStore(CHUNKS, { keyPath: ['recording', 'offset'] })
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  return opened
}

async function run<T>(
  stores: string[],
  mode: IDBTransactionMode,
  work: (transaction: IDBTransaction) => IDBRequest<T>,
): Promise<T> {
  const db = await open()
  return new Promise((resolve, reject) => {
    // Strict: the transaction completes only after the data is on disk.
    const transaction = db.transaction(stores, mode, { durability: 'strict' })
    const request = work(transaction)
    transaction.oncomplete = () => resolve(request.result)
    transaction.onabort = () => reject(transaction.error ?? request.error)
  })
}

const chunksOf = (recording: string, from = 0, to = Number.MAX_VALUE) =>
  IDBKeyRange.bound([recording, from], [recording, to], false, true)

/** Recordings and their chunks, stored in the browser until the server has them, also after the tab is closed. */
export const chunkStore = {
  list: () => run<StoredRecording[]>([RECORDINGS], 'readonly', at => at.objectStore(RECORDINGS).getAll()),

  get: (id: string) =>
    run<StoredRecording | undefined>([RECORDINGS], 'readonly', at => at.objectStore(RECORDINGS).get(id)),

  put: (recording: StoredRecording) =>
    run([RECORDINGS], 'readwrite', at => at.objectStore(RECORDINGS).put(recording)),

  /** Changes some fields of a stored recording. */
  async change(id: string, fields: Partial<StoredRecording>): Promise<void> {
    await run([RECORDINGS], 'readwrite', at => {
      const store = at.objectStore(RECORDINGS)
      const request = store.get(id)
      request.onsuccess = () => request.result && store.put({ ...request.result, ...fields })
      return request
    })
  },

  /** Stores the next chunk and the new length of the recording in one transaction. */
  async add(chunk: Chunk, seconds: number): Promise<void> {
    await run([RECORDINGS, CHUNKS], 'readwrite', at => {
      at.objectStore(CHUNKS).add(chunk)
      const store = at.objectStore(RECORDINGS)
      const request = store.get(chunk.recording)
      request.onsuccess = () =>
        store.put({ ...request.result, seconds, recorded: chunk.offset + chunk.blob.size })
      return request
    })
  },

  /** The chunks from an offset on, up to about `bytes` bytes. */
  async from(recording: string, offset: number, bytes: number): Promise<Chunk[]> {
    const all = await run<Chunk[]>([CHUNKS], 'readonly', at =>
      at.objectStore(CHUNKS).getAll(chunksOf(recording), 64),
    )
    let remaining = bytes
    return all.filter(chunk => {
      const wanted = chunk.offset + chunk.blob.size > offset && remaining > 0
      if (wanted) remaining -= chunk.blob.size
      return wanted
    })
  },

  /** Deletes the chunks that end at or before an offset, because the server has them. */
  async forget(recording: string, offset: number): Promise<void> {
    if (offset === 0) return
    await run([CHUNKS], 'readwrite', at => {
      const request = at.objectStore(CHUNKS).openCursor(chunksOf(recording, 0, offset))
      request.onsuccess = () => {
        const cursor = request.result
        if (!cursor) return
        const chunk = cursor.value as Chunk
        if (chunk.offset + chunk.blob.size <= offset) cursor.delete()
        cursor.continue()
      }
      return request
    })
  },

  remove: (id: string) =>
    run([RECORDINGS, CHUNKS], 'readwrite', at => {
      at.objectStore(CHUNKS).delete(chunksOf(id))
      return at.objectStore(RECORDINGS).delete(id)
    }),
}
