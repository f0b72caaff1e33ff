/** A recording whose bytes are not all with the server yet. */
export interface StoredRecording {
  readonly id: string
  readonly title: string
  readonly type: string
  /** When it began, in milliseconds since 1970. */
  readonly began: number
  /** Seconds that are kept so far. */
  readonly seconds: number
  /** Bytes that are kept so far, or were until the server had them. */
  readonly recorded: number
  /** Where its bytes go; absent until the server has created the recording. */
  readonly upload?: string | undefined
  /** The Idempotency-Key of its creation if that is not `id`. */
  readonly creation?: string
  /** Bytes in all, once it has ended. */
  readonly length?: number
}

export interface Piece {
  readonly recording: string
  /** Bytes of the recording in front of this piece. */
  readonly offset: number
  readonly blob: Blob
}

const RECORDINGS = 'recordings'
const PIECES = 'pieces'

let opened: Promise<IDBDatabase> | undefined

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('longtake-recordings', 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(RECORDINGS, { keyPath: 'id' })
      request.result.createObjectStore(PIECES, { keyPath: ['recording', 'offset'] })
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
    // Strict: on disk before anybody relies on it.
    const transaction = db.transaction(stores, mode, { durability: 'strict' })
    const request = work(transaction)
    transaction.oncomplete = () => resolve(request.result)
    transaction.onabort = () => reject(transaction.error ?? request.error)
  })
}

const piecesOf = (recording: string, from = 0, to = Number.MAX_VALUE) =>
  IDBKeyRange.bound([recording, from], [recording, to], false, true)

/** Pieces of recordings, kept in the browser until the server has them: they outlive the tab. */
export const pieceStore = {
  list: () => run<StoredRecording[]>([RECORDINGS], 'readonly', at => at.objectStore(RECORDINGS).getAll()),

  get: (id: string) =>
    run<StoredRecording | undefined>([RECORDINGS], 'readonly', at => at.objectStore(RECORDINGS).get(id)),

  put: (recording: StoredRecording) =>
    run([RECORDINGS], 'readwrite', at => at.objectStore(RECORDINGS).put(recording)),

  /** Changes some fields of a recording that is there. */
  async change(id: string, fields: Partial<StoredRecording>): Promise<void> {
    await run([RECORDINGS], 'readwrite', at => {
      const store = at.objectStore(RECORDINGS)
      const request = store.get(id)
      request.onsuccess = () => request.result && store.put({ ...request.result, ...fields })
      return request
    })
  },

  /** Keeps the next piece, and how long the recording is with it, or neither. */
  async add(piece: Piece, seconds: number): Promise<void> {
    await run([RECORDINGS, PIECES], 'readwrite', at => {
      at.objectStore(PIECES).add(piece)
      const store = at.objectStore(RECORDINGS)
      const request = store.get(piece.recording)
      request.onsuccess = () =>
        store.put({ ...request.result, seconds, recorded: piece.offset + piece.blob.size })
      return request
    })
  },

  /** The pieces from a byte on that follow each other, up to about so many bytes. */
  async from(recording: string, offset: number, bytes: number): Promise<Piece[]> {
    const all = await run<Piece[]>([PIECES], 'readonly', at =>
      at.objectStore(PIECES).getAll(piecesOf(recording), 64),
    )
    let room = bytes
    return all.filter(piece => {
      const wanted = piece.offset + piece.blob.size > offset && room > 0
      if (wanted) room -= piece.blob.size
      return wanted
    })
  },

  /** Forgets the pieces that lie wholly before a byte: the server has them. */
  async forget(recording: string, offset: number): Promise<void> {
    if (offset === 0) return
    await run([PIECES], 'readwrite', at => {
      const request = at.objectStore(PIECES).openCursor(piecesOf(recording, 0, offset))
      request.onsuccess = () => {
        const cursor = request.result
        if (!cursor) return
        const piece = cursor.value as Piece
        if (piece.offset + piece.blob.size <= offset) cursor.delete()
        cursor.continue()
      }
      return request
    })
  },

  remove: (id: string) =>
    run([RECORDINGS, PIECES], 'readwrite', at => {
      at.objectStore(PIECES).delete(piecesOf(id))
      return at.objectStore(RECORDINGS).delete(id)
    }),
}
