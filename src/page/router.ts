import { signal } from '@preact/signals'

/** The page's root: all requests go to addresses below it. */
export const BASE = new URL(document.baseURI)

/** The address of the current view. */
export const location = signal(new URL(window.location.href))

/** The path below the page's root, with a slash at its beginning and none at its end. */
export function pathOf(url: URL): string {
  const path = url.pathname.slice(BASE.pathname.length - 1)
  return path.replace(/(.)\/$/, '$1')
}

/** @param path relative to the page's root, as in `watch/019a?t=3`. */
export function address(path: string): string {
  return new URL(path, BASE).href
}

let scrolledPx = 0
let focusedId: string | undefined

/** The scroll position to restore after Back, in pixels from the top; 0 for a new view. Only the first call returns it. */
export function takeScroll(): number {
  const pixels = scrolledPx
  scrolledPx = 0
  return pixels
}

/** The id of the list item that led away from this view, if the user has come Back to it. Only the first call returns it. */
export function takeFocused(): string | undefined {
  const id = focusedId
  focusedId = undefined
  return id
}

/** @param how 'replace' if Back should not lead to the current view again */
export function navigate(path: string, how: 'push' | 'replace' = 'push'): void {
  const url = new URL(path, BASE)
  if (how === 'replace') history.replaceState(null, '', url)
  else {
    const focused = document.activeElement?.closest<HTMLElement>('[data-id]')?.dataset['id']
    history.replaceState({ scrolled: scrollY, focused }, '')
    history.pushState(null, '', url)
  }
  focusedId = undefined
  location.value = url
}

/**
 * Makes links within the page change the view instead of reloading the document.
 * @param actions what to do for links to these paths instead
 */
export function followLinks(actions: Readonly<Record<string, () => void>>): void {
  // A view can scroll only after its content has loaded, so it restores the position itself.
  history.scrollRestoration = 'manual'
  addEventListener('popstate', event => {
    scrolledPx = event.state?.scrolled ?? 0
    focusedId = event.state?.focused
    scrollTo(0, 0)
    location.value = new URL(window.location.href)
  })
  document.addEventListener('click', event => {
    const link = (event.target as Element).closest?.('a')
    if (!link || event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    if (link.target || link.hasAttribute('download') || link.origin !== BASE.origin) return
    const url = new URL(link.href)
    const action = actions[pathOf(url)]
    if (action) {
      event.preventDefault()
      return action()
    }
    if (!/^\/(record|bin|access|watch\/[^/]+)?$/.test(pathOf(url))) return
    event.preventDefault()
    if (url.href !== window.location.href) {
      navigate(url.href)
      scrollTo(0, 0)
    }
  })
}
