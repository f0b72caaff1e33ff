import './popup.css'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

const GAP_PX = 6
const EDGE_PX = 8

interface PopupProps {
  /** The button that opened it. */
  readonly anchor: HTMLElement
  readonly label: string
  /** `menu` for a list of actions or choices; `dialog` if it has other controls. */
  readonly role: 'menu' | 'dialog'
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** A menu or a small dialog beside its button. Escape and a click outside close it, and the button gets the focus back. */
export function Popup({ anchor, label, role, onClose, children }: PopupProps) {
  const popup = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = popup.current!
    const place = () => (anchor.isConnected ? placeBeside(element, anchor) : element.hidePopover())
    const onToggle = (event: Event) => (event as ToggleEvent).newState === 'closed' && onClose()
    element.showPopover()
    place()
    const first = element.querySelector<HTMLElement>(
      '[aria-checked="true"], [role^="menuitem"], input, button',
    )
    first?.focus({ preventScroll: true })
    const onKeyDown = (event: KeyboardEvent) => moveByKey(event, role === 'menu')
    element.addEventListener('toggle', onToggle)
    element.addEventListener('keydown', onKeyDown)
    addEventListener('scroll', place, { passive: true })
    addEventListener('resize', place)
    const resized = new ResizeObserver(place)
    resized.observe(element)
    return () => {
      resized.disconnect()
      element.removeEventListener('toggle', onToggle)
      element.removeEventListener('keydown', onKeyDown)
      removeEventListener('scroll', place)
      removeEventListener('resize', place)
      if (element.contains(document.activeElement)) anchor.focus({ preventScroll: true })
    }
  }, [anchor])
  return (
    <div ref={popup} class="popup" popover="auto" {...{ role, 'aria-label': label }}>
      {children}
    </div>
  )
}

interface MenuItemProps {
  readonly children: ComponentChildren
  readonly onClick: () => void
  readonly class?: string
}

/** An action in a menu. The menu closes. */
export function MenuItem({ children, onClick, class: name = '' }: MenuItemProps) {
  return (
    <button
      type="button"
      class={`popup-item ${name}`}
      role="menuitem"
      tabIndex={-1}
      onClick={event => closeAnd(event, onClick)}
    >
      {children}
    </button>
  )
}

/** One of several choices in a menu. The menu closes. */
export function MenuChoice({ children, onClick, checked }: MenuItemProps & { readonly checked: boolean }) {
  return (
    <button
      type="button"
      class="popup-item"
      role="menuitemradio"
      aria-checked={checked}
      tabIndex={-1}
      onClick={event => closeAnd(event, onClick)}
    >
      {children}
    </button>
  )
}

/** Closes first, so that the action can move the focus. */
function closeAnd({ currentTarget }: { currentTarget: HTMLElement }, action: () => void): void {
  currentTarget.closest<HTMLElement>('[popover]')!.hidePopover()
  action()
}

/** Arrow keys move among the items of a menu, or from a field into the choices of a dialog. */
function moveByKey(event: KeyboardEvent, isMenu: boolean): void {
  event.stopPropagation()
  const element = event.currentTarget as HTMLElement
  if (event.key === 'Tab' && isMenu) {
    event.preventDefault()
    element.hidePopover()
  }
  const items = [...element.querySelectorAll<HTMLElement>('.popup-item, .popup-search')]
  const at = items.indexOf(event.target as HTMLElement)
  const isText = (event.target as Element).matches('.popup-search')
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }
  const to = steps[event.key]
  if (to === undefined || items.length === 0) return
  if ((at < 0 && !isMenu) || (isText && (event.key === 'Home' || event.key === 'End'))) return
  event.preventDefault()
  items.at(to % items.length)!.focus()
}

/** Below the button, or above it if there is more room. Begins where the button begins, if it fits. */
function placeBeside(element: HTMLElement, anchor: HTMLElement): void {
  const { left, right, top, bottom } = anchor.getBoundingClientRect()
  const { offsetWidth, offsetHeight } = element
  const { clientWidth } = document.documentElement
  const isRight =
    getComputedStyle(element).direction === 'rtl'
      ? right - offsetWidth >= EDGE_PX
      : left + offsetWidth > clientWidth - EDGE_PX
  const x = isRight ? Math.min(right, clientWidth - EDGE_PX) - offsetWidth : left
  const isAbove = bottom + GAP_PX + offsetHeight > innerHeight - EDGE_PX && top > innerHeight - bottom
  const y = isAbove ? top - GAP_PX - offsetHeight : bottom + GAP_PX
  element.style.left = `${Math.max(EDGE_PX, x)}px`
  element.style.top = `${Math.max(EDGE_PX, y)}px`
}
