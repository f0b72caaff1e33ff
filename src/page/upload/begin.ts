import { chooseKnown, finishCancelled } from './cancelling.ts'
import { begin, settle } from './sending.ts'

export { add, removeComplete } from './sending.ts'

/** Resolves when the stored queue is restored. */
export const begun = begin(chooseKnown).then(() => {
  finishCancelled()
  settle()
})
