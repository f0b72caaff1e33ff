const FOCUSABLE = 'a[href], button, input, select, textarea, summary, video[controls], [tabindex="0"]'

interface Place {
  readonly element: Element
  /** How many elements in it come before the focused one in the order of the Tab key. */
  readonly index: number
}

let focused: HTMLElement | undefined
/** What the focused element lay in, the innermost first. */
let places: readonly Place[] = []
let scheduled = false

/**
 * Keeps the keyboard where it was. An element that had the focus and is removed, hidden or disabled would leave it to the body: a screen
 * reader then begins again at the top. Instead its neighbour gets the focus, unless the view has chosen another place.
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
  // Such a button keeps the focus, which one with `disabled` loses.
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
  const order = focusableIn(rootOf())
  const at = order.indexOf(element)
  const found: Place[] = []
  for (let place = element.parentElement; place; place = place.parentElement) {
    const first = order.findIndex(each => place.contains(each))
    found.push({ element: place, index: Math.max(0, at - Math.max(0, first)) })
  }
  places = found
}

/** After the view has drawn itself, and has had the time to choose. */
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
  // Somebody has clicked beside everything.
  if (canHaveFocus(focused)) focused = undefined
  else successor().focus({ preventScroll: true })
}

function successor(): HTMLElement {
  const root = rootOf()
  for (const { element, index } of places) {
    if (element === root || !root.contains(element)) continue
    const candidates = focusableIn(element)
    const next = candidates[Math.min(index, candidates.length - 1)]
    if (next) return next
  }
  return root
}

/** A modal dialog lets nothing else have the focus. */
const rootOf = () => document.querySelector<HTMLElement>('dialog[open]') ?? document.querySelector('main')!

const focusableIn = (place: Element) =>
  [...place.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(canHaveFocus)

function canHaveFocus(element: HTMLElement): boolean {
  return (
    element.isConnected &&
    element.tabIndex >= (element.tagName === 'MAIN' ? -1 : 0) &&
    !element.matches(':disabled') &&
    element.checkVisibility({ visibilityProperty: true })
  )
}
