const FOCUSABLE = 'a[href], button, input, select, textarea, summary, video[controls], [tabindex="0"]'

interface Ancestor {
  readonly element: Element
  /** Number of focusable elements in it before the focused one, in tab order. */
  readonly index: number
}

let focused: HTMLElement | undefined
/** The ancestors of the focused element, the innermost first. */
let ancestors: readonly Ancestor[] = []
let scheduled = false

/**
 * Keeps the keyboard focus near its place. When the focused element is removed, hidden or disabled, browsers move the focus to the body, and
 * screen readers start again at the top. Here its neighbour gets the focus instead, unless the view has moved it elsewhere.
 */
export function keepFocus(): void {
  document.addEventListener('focusin', ({ target }) => remember(target as HTMLElement))
  document.addEventListener('focusout', schedule)
  new MutationObserver(() => {
    if (focused && document.activeElement === document.body) schedule()
  }).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ['disabled', 'hidden', 'inert', 'open', 'class', 'style'],
  })
  // A button with `disabled` would lose the focus; one with `aria-disabled` keeps it.
  document.addEventListener(
    'click',
    event => {
      if (!(event.target as Element).closest('[aria-disabled="true"]')) return
      event.preventDefault()
      event.stopImmediatePropagation()
    },
    true,
  )
}

function remember(element: HTMLElement): void {
  focused = element
  const parents: Element[] = []
  for (let parent = element.parentElement; parent; parent = parent.parentElement) parents.push(parent)
  const order = focusableIn(rootOf(parents))
  const at = order.indexOf(element)
  ancestors = parents.map(parent => {
    const first = order.findIndex(each => parent.contains(each))
    return { element: parent, index: Math.max(0, at - Math.max(0, first)) }
  })
}

/** Waits until the view has rendered and could move the focus itself. */
function schedule(): void {
  if (scheduled) return
  scheduled = true
  requestAnimationFrame(() =>
    setTimeout(() => {
      scheduled = false
      restore()
    }),
  )
}

function restore(): void {
  if (!focused || (document.activeElement && document.activeElement !== document.body)) return
  // The element still exists, so the user has clicked an empty area.
  if (canHaveFocus(focused)) focused = undefined
  else successor().focus({ preventScroll: true })
}

function successor(): HTMLElement {
  const root = rootOf(ancestors.map(({ element }) => element))
  for (const { element, index } of ancestors) {
    if (element === root || !root.contains(element)) continue
    const candidates = focusableIn(element)
    const next = candidates[Math.min(index, candidates.length - 1)]
    if (next) return next
  }
  return root
}

/**
 * The part of the page that the focus must not leave: an open modal dialog, because nothing outside can have the focus; else the tray of
 * uploads or the main part. @param parents of the focused element
 */
function rootOf(parents: readonly Element[]): HTMLElement {
  const dialog = document.querySelector<HTMLElement>('dialog[open]')
  const tray = document.querySelector<HTMLElement>('.tray')
  if (dialog || !tray || !parents.includes(tray)) return dialog ?? document.querySelector('main')!
  return tray
}

const focusableIn = (element: Element) =>
  [...element.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(canHaveFocus)

function canHaveFocus(element: HTMLElement): boolean {
  return (
    element.isConnected &&
    element.tabIndex >= (element.tagName === 'MAIN' ? -1 : 0) &&
    !element.matches(':disabled') &&
    element.checkVisibility({ visibilityProperty: true })
  )
}
