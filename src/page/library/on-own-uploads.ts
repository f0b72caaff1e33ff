import { effect } from '@preact/signals'
import { ownUploads } from '../api/own-uploads.ts'

/** Many small uploads in this time cause one call. */
const DELAY_MS = 1000

/** Calls the function soon after this tab has begun or finished uploads. @returns a function that stops it */
export function onOwnUploads(act: () => void): () => void {
  const first = ownUploads.value
  let timer: number | undefined
  const stop = effect(() => {
    if (ownUploads.value === first) return
    timer ??= window.setTimeout(() => {
      timer = undefined
      act()
    }, DELAY_MS)
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}
