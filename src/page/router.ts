import { signal } from '@preact/signals'

/** Where the page lies: everything it asks for is below this address. */
export const BASE = new URL(document.baseURI)

/** The address that is shown. */
export const location = signal(new URL(window.location.href))

/** The path below the page's root, beginning with a slash and without one at its end. */
export function pathOf(url: URL): string {
  const path = url.pathname.slice(BASE.pathname.length - 1)
  return path.replace(/(.)\/$/, '$1')
}

/** @param path relative to the page's root, as in `watch/019a?t=3`. */
export function address(path: string): string {
  return new URL(path, BASE).href
}

let scrolled = 0

/** Pixels from the top to which a view that was come back to had been scrolled; 0 for one that is new. Tells it once. */
export function takeScroll(): number {
  const pixels = scrolled
  scrolled = 0
  return pixels
}

/** @param how 'replace' where Back should not lead here again. */
export function navigate(path: string, how: 'push' | 'replace' = 'push'): void {
  const url = new URL(path, BASE)
  if (how === 'replace') history.replaceState(null, '', url)
  else {
    history.replaceState({ scrolled: scrollY }, '')
    history.pushState(null, '', url)
  }
  location.value = url
}

/** Lets links within the page change the view instead of loading the document again. */
export function followLinks(): void {
  // Views are filled after they are shown: only they know when they can be scrolled.
  history.scrollRestoration = 'manual'
  addEventListener('popstate', event => {
    scrolled = event.state?.scrolled ?? 0
    scrollTo(0, 0)
    location.value = new URL(window.location.href)
  })
  document.addEventListener('click', event => {
    const link = (event.target as Element).closest?.('a')
    if (!link || event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    if (link.target || link.hasAttribute('download') || link.origin !== BASE.origin) return
    const url = new URL(link.href)
    if (!/^\/(upload|record|watch\/[^/]+)?$/.test(pathOf(url))) return
    event.preventDefault()
    if (url.href !== window.location.href) {
      navigate(url.href)
      scrollTo(0, 0)
    }
  })
}
