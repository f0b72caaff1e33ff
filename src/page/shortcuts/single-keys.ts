import { signal } from '@preact/signals'

const KEY = 'longtake-single-keys'

/** Whether keys such as `k` work without a modifier. Users of speech input can turn them off (WCAG 2.2, 2.1.4). */
export const singleKeys = signal(stored() !== 'off')

function stored(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    // The browser has no storage, for example in a private window.
    return null
  }
}

export function setSingleKeys(isOn: boolean): void {
  singleKeys.value = isOn
  try {
    localStorage.setItem(KEY, isOn ? 'on' : 'off')
  } catch {
    // Then the choice lasts until the tab is closed.
  }
}

/** While single keys are off, keeps them from all views. Text fields and lists still receive them. Call it before views are rendered. */
export function limitSingleKeys(): void {
  addEventListener(
    'keydown',
    event => {
      if (singleKeys.value || !isSingleKey(event) || isTyping(event.target as Element)) return
      event.stopImmediatePropagation()
    },
    true,
  )
}

/** Whether a key is a letter, digit or punctuation mark that is pressed alone or with Shift. */
export function isSingleKey({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return key.length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey
}

/** Whether keys write or choose something in an element. */
export function isTyping(element: Element): boolean {
  return (
    element.closest('input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]') !== null
  )
}
