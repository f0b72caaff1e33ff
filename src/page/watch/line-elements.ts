import { SLICE_LINES } from './lines-so-far.ts'

/** The element of a line; undefined until it is rendered. */
export function lineElement(lists: HTMLElement, index: number): Element | undefined {
  return lists.children[Math.floor(index / SLICE_LINES)]?.children[index % SLICE_LINES]
}

export function bringIntoView(list: HTMLElement, line: Element): void {
  // Without this, a distant line has no layout and therefore no position.
  line.parentElement!.style.contentVisibility = 'visible'
  const below = line.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 3
  const jump =
    Math.abs(below) > 3 * list.clientHeight || matchMedia('(prefers-reduced-motion: reduce)').matches
  list.scrollBy({ top: below, behavior: jump ? 'auto' : 'smooth' })
}

/** The arrow keys move from line to line. The Tab key leaves the list, because a transcript can have thousands of lines. */
export function moveAlong(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement
  const current = (event.target as Element).closest('li')
  const next = {
    ArrowDown: current?.nextElementSibling ?? current?.parentElement?.nextElementSibling?.firstElementChild,
    ArrowUp:
      current?.previousElementSibling ?? current?.parentElement?.previousElementSibling?.lastElementChild,
    Home: list.firstElementChild?.firstElementChild,
    End: list.lastElementChild?.lastElementChild,
  }[event.key]
  if (!next || (event.target as Element).matches('textarea, input')) return
  event.preventDefault()
  event.stopPropagation()
  for (const each of list.querySelectorAll('button[tabindex="0"]')) each.setAttribute('tabindex', '-1')
  focusLine(next)
}

/** Moves the focus to a line. The Tab key then leads to its other buttons. */
export function focusLine(line: Element): void {
  for (const each of line.querySelectorAll('button')) each.tabIndex = 0
  line.querySelector<HTMLElement>('.line-time:is(button), .line-edit')?.focus()
}
