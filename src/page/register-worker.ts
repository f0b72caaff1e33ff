import { address, navigate } from './router.ts'

/**
 * Registers the service worker: it explains that the server cannot be reached, and it shows notifications. The
 * page works without it, as it does where browsers have none: without HTTPS.
 */
export function registerWorker(): void {
  const { serviceWorker } = navigator as Partial<Navigator>
  if (!serviceWorker) return
  addEventListener('load', () => {
    serviceWorker.register(address('service-worker.js'), { updateViaCache: 'none' }).catch(() => {})
  })
  // Somebody has clicked a notification.
  serviceWorker.addEventListener('message', ({ data }) => navigate((data as { path: string }).path))
  serviceWorker.startMessages()
}
