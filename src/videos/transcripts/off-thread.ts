import { Worker } from 'node:worker_threads'
import { ApiError } from '../../base/errors.ts'
import { TEXT_WORK, type TextWork } from './text-work.ts'

/** Up to this length, a text is processed in the calling thread, because copying it to another thread and back would take longer. */
const SHORT_CHARACTERS = 20_000
/** Maximum number of texts of one owner that are in progress or waiting. */
const MAX_PENDING = 8
/** Time limit for one text. The longest permitted text takes a few seconds on a busy machine. */
const LIMIT_MS = 120_000

interface Job {
  readonly name: keyof TextWork
  readonly args: readonly unknown[]
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
}

/** Waiting jobs by owner. The first owner in the map is next. */
const waiting = new Map<string, Job[]>()
let thread: Worker | undefined
let current: { readonly owner: string; readonly job: Job; readonly timer: NodeJS.Timeout } | undefined

/**
 * Processes a text in another thread, so that this thread can serve other requests. One text at a time; owners take turns.
 * @param characters the length of the text.
 * @throws ApiError 429 if too many of the owner's texts are waiting, 422 if the text exceeds the time limit.
 */
export async function offThread<Name extends keyof TextWork>(
  owner: string | null,
  characters: number,
  name: Name,
  ...args: Parameters<TextWork[Name]>
): Promise<ReturnType<TextWork[Name]>> {
  if (characters <= SHORT_CHARACTERS) {
    const work = TEXT_WORK[name] as unknown as (...args: unknown[]) => ReturnType<TextWork[Name]>
    return work(...args)
  }
  const key = owner ?? ''
  const jobs = waiting.get(key) ?? []
  if (jobs.length + Number(current?.owner === key) >= MAX_PENDING) {
    throw new ApiError(
      429,
      'too_many_texts',
      'Several long transcripts are being processed. Try again later.',
    )
  }
  return new Promise((resolve, reject) => {
    waiting.set(key, [...jobs, { name, args, resolve, reject }])
    next()
  })
}

function next(): void {
  if (current) return
  const [first] = waiting
  if (!first) return void thread?.unref()
  const [owner, [job, ...rest]] = first
  waiting.delete(owner)
  // Added at the end of the map, so that the other owners are served before this owner's next text.
  if (rest.length > 0) waiting.set(owner, rest)
  const timer = setTimeout(() => {
    abort(new ApiError(422, 'too_complex', 'Processing the transcript exceeded the time limit.'))
  }, LIMIT_MS)
  current = { owner, job: job!, timer }
  thread ??= startThread()
  thread.ref()
  thread.postMessage({ name: job!.name, args: job!.args })
}

function startThread(): Worker {
  const started = new Worker(new URL('./text-thread.ts', import.meta.url))
  started.on('message', ({ result, error }: { result: never; error?: unknown }) => {
    settle(job => (error === undefined ? job.resolve(result) : job.reject(error)))
  })
  started.on('error', error => started === thread && abort(error))
  return started
}

/** Terminates the thread and rejects the current job. The next text gets a new thread. */
function abort(error: unknown): void {
  void thread?.terminate()
  thread = undefined
  settle(job => job.reject(error))
}

function settle(end: (job: Job) => void): void {
  if (!current) return
  clearTimeout(current.timer)
  const { job } = current
  current = undefined
  end(job)
  next()
}

/** Number of characters in all segments. */
export function lengthOf(segments: readonly { readonly text: string }[]): number {
  return segments.reduce((sum, { text }) => sum + text.length, 0)
}
