/** Keeps the screen on: phones stop the camera when they sleep. @returns a function that lets the screen sleep again */
export function keepScreenOn(): () => void {
  if (!('wakeLock' in navigator)) return () => {}
  const stop = new AbortController()
  const lock = async () => {
    if (document.hidden) return
    try {
      const held = await navigator.wakeLock.request('screen')
      if (stop.signal.aborted) await held.release()
      else stop.signal.addEventListener('abort', () => void held.release())
    } catch {
      // Phones refuse it to save power.
    }
  }
  void lock()
  // Browsers release it while another tab is shown.
  document.addEventListener('visibilitychange', () => void lock(), { signal: stop.signal })
  return () => stop.abort()
}
