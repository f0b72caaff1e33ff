/** The name of the queue in the browser's storage. */
export const QUEUE = 'longtake'

/** The database in which Uppy's golden retriever stores queues (6.0). */
const DATABASE = 'uppy-blobs'
const STORE = 'metadata'

/** The name of the lock, and of the channel between tabs. */
const CHANNEL = 'longtake-uploads'
/** After a reload, the lock of the old document may still exist for a moment, which is long on a busy device. */
const LOCK_MS = 10_000
/** Time in which another tab responds. It decides only where there are no locks. */
const ANSWER_MS = 300

interface StoredFile {
  readonly progress: { readonly complete?: boolean }
}

/** Whether the browser has stored an unfinished queue. This does not load Uppy. */
export async function hasUnfinishedQueue(): Promise<boolean> {
  return (await storedFiles())?.some(({ progress }) => !progress.complete) ?? false
}

/** @returns undefined if the browser has stored no queue */
export async function storedFiles(): Promise<readonly StoredFile[] | undefined> {
  try {
    const databases = await indexedDB.databases()
    if (!databases.some(({ name }) => name === DATABASE)) return undefined
    const database = await result(indexedDB.open(DATABASE))
    try {
      if (!database.objectStoreNames.contains(STORE)) return undefined
      const stored = await result(database.transaction(STORE).objectStore(STORE).get(QUEUE))
      if (!stored || stored.expires < Date.now()) return undefined
      const { files } = JSON.parse(stored.metadata) as { files?: Record<string, StoredFile> }
      return Object.values(files ?? {})
    } finally {
      database.close()
    }
  } catch {
    // The browser has no storage, for example in a private window.
    return undefined
  }
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

let owner: Promise<boolean> | undefined

/** Whether the stored queue belongs to this tab. Two tabs must not send the same files, so the first tab owns it until it is closed. */
export function ownsStoredQueue(): Promise<boolean> {
  owner ??= claim()
  return owner
}

/** Takes the lock, which ends with the tab. A tab that has it responds to others, so that they need not wait. */
function claim(): Promise<boolean> {
  return new Promise(resolve => {
    // Browsers have locks in a secure context only.
    const locks = navigator.locks as LockManager | undefined
    const channel = new BroadcastChannel(CHANNEL)
    const refused = new AbortController()
    const decide = (isOwner: boolean) => {
      clearTimeout(timer)
      if (isOwner) channel.onmessage = ({ data }) => data === 'whose' && channel.postMessage('mine')
      else {
        channel.close()
        refused.abort()
      }
      resolve(isOwner)
    }
    const timer = setTimeout(() => decide(!locks), locks ? LOCK_MS : ANSWER_MS)
    channel.onmessage = ({ data }) => data === 'mine' && decide(false)
    channel.postMessage('whose')
    locks
      ?.request(CHANNEL, { signal: refused.signal }, () => {
        decide(true)
        return new Promise(() => {})
      })
      .catch(() => {})
  })
}
