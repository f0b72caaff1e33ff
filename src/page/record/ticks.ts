/**
 * Calls `run` at an interval, or less often if `run` takes long, so that the page stays usable. A page's own timers run once a second while
 * another tab is shown; those of workers keep their pace.
 * @returns a function that ends it
 */
export function startTicks(intervalMs: number, run: () => void): () => void {
  const worker = new Worker(new URL('./ticks-worker.ts', import.meta.url), { type: 'module' })
  worker.addEventListener('message', () => {
    const startMs = performance.now()
    run()
    const tookMs = performance.now() - startMs
    worker.postMessage(Math.max(intervalMs - tookMs, tookMs))
  })
  worker.postMessage(intervalMs)
  return () => worker.terminate()
}
