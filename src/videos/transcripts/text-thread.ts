import { parentPort } from 'node:worker_threads'
import { TEXT_WORK, type TextWork } from './text-work.ts'

/** The worker thread that `off-thread.ts` starts. */
parentPort!.on('message', ({ name, args }: { name: keyof TextWork; args: never[] }) => {
  try {
    const work = TEXT_WORK[name] as (...args: never[]) => unknown
    parentPort!.postMessage({ result: work(...args) })
  } catch (error) {
    parentPort!.postMessage({ error })
  }
})
