// Makes this file a module, in which `self` can have the type of a service worker.
export {}

declare const self: ServiceWorkerGlobalScope

/** The root of the service, such as `https://example.com/longtake/`. */
const ROOT = new URL(self.registration.scope)

/** It holds one page only, which shows that the server cannot be reached. Longtake itself is never cached, so it cannot be stale. */
const CACHE = 'longtake-offline'
const OFFLINE = new URL('offline', ROOT).href

/** Paths of the page's views below the root. */
const VIEW = /^(upload|record|bin|access|watch\/[^/]+)?$/

/** A proxy sends these while the service does not run (RFC 9110 §15.6.3 to §15.6.5). */
const NOT_RUNNING = [502, 503, 504]

// A new version needs no tab to be closed before it takes over, because it shares nothing with the pages.
self.addEventListener('install', event => {
  event.waitUntil(Promise.all([bypass(event), install()]))
})
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))

async function install(): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.add(new Request(OFFLINE, { cache: 'reload' }))
  await self.skipWaiting()
}

interface RouterEvent {
  /** Chromium 123; other browsers ask the worker about each request, and it leaves them alone. */
  addRoutes?(rules: { condition: { requestMode: RequestMode }; source: 'network' }[]): Promise<void>
}

/** Lets everything but navigations pass by the worker: requests of the API, bytes of uploads, ranges of videos. */
async function bypass(event: ExtendableEvent & RouterEvent): Promise<void> {
  const modes = ['cors', 'no-cors', 'same-origin'] as const
  const rules = modes.map(requestMode => ({ condition: { requestMode }, source: 'network' as const }))
  await event.addRoutes?.(rules).catch(() => {})
}

self.addEventListener('fetch', event => {
  const { request } = event
  if (request.mode !== 'navigate') return
  const { origin, pathname } = new URL(request.url)
  if (origin !== ROOT.origin) return
  const path = pathname.slice(ROOT.pathname.length)
  if (request.method === 'GET' && VIEW.test(path)) event.respondWith(view(request))
})

async function view(request: Request): Promise<Response> {
  const response = await fetch(request).catch(() => undefined)
  if (response && !NOT_RUNNING.includes(response.status)) return response
  return (await caches.match(OFFLINE)) ?? response ?? Response.error()
}

/** Shows the video of a notification. A tab that is open changes its view by itself, because a navigation would end its uploads. */
self.addEventListener('notificationclick', event => {
  event.notification.close()
  const { path } = event.notification.data as { path: string }
  event.waitUntil(show(path))
})

async function show(path: string): Promise<void> {
  const { href } = new URL(path, ROOT)
  const tabs = await self.clients.matchAll({ type: 'window' })
  const tab = tabs.find(({ url }) => url === href) ?? tabs[0]
  if (!tab) return void (await self.clients.openWindow(href))
  tab.postMessage({ path })
  await tab.focus()
}
