import { signal } from '@preact/signals'
import { say } from '../locale/say.ts'
import { IconButton } from './icon-button.tsx'

interface Toast {
  readonly id: number
  readonly text: string
  readonly seconds: number
  readonly action?: { readonly label: string; readonly run: () => void } | undefined
  readonly onEnd?: (() => void) | undefined
  /** In milliseconds of `performance.now()`. */
  readonly shownAtMs: number
}

const toasts = signal<readonly Toast[]>([])
let lastId = 0
let pointerMovedAtMs = 0
let tabPressedAtMs = 0
addEventListener('pointermove', () => {
  pointerMovedAtMs = performance.now()
})
addEventListener('keydown', ({ key }) => {
  if (key === 'Tab') tabPressedAtMs = performance.now()
})

/**
 * Shows a short message. It stays longer while the user points at it, has the focus in it or may be on the way there by Tab (WCAG 2.2.1).
 * @param seconds for which it stays @param onEnd called when it goes without its action, so that the action is no longer possible
 * @returns a function that removes it
 */
export function toast(
  text: string,
  { seconds = 5, action, onEnd }: { seconds?: number; action?: Toast['action']; onEnd?: () => void } = {},
): () => void {
  const shown = { id: ++lastId, text, seconds, action, onEnd, shownAtMs: performance.now() }
  toasts.value = [...toasts.value, shown]
  endLater(shown)
  return () => remove(shown)
}

function endLater(shown: Toast): void {
  setTimeout(() => (isInUse(shown) ? endLater(shown) : end(shown)), shown.seconds * 1000)
}

function isInUse({ id, seconds, action, shownAtMs }: Toast): boolean {
  const element = document.querySelector(`[data-toast="${id}"]`)
  // A toast can appear below a pointer that rests.
  if (element?.matches(':hover') && pointerMovedAtMs > shownAtMs) return true
  if (element?.contains(document.activeElement)) return true
  return Boolean(element && action) && performance.now() - tabPressedAtMs < seconds * 1000
}

function end(shown: Toast): void {
  if (remove(shown)) shown.onEnd?.()
}

/** @returns false if it is gone already. */
function remove({ id }: Toast): boolean {
  const others = toasts.value.filter(each => each.id !== id)
  if (others.length === toasts.value.length) return false
  toasts.value = others
  return true
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(shown => (
        <div key={shown.id} class="toast" data-toast={shown.id}>
          <span>{shown.text}</span>
          {shown.action && (
            <button
              type="button"
              class="toast-action"
              onClick={() => {
                if (remove(shown)) shown.action!.run()
              }}
            >
              {shown.action.label}
            </button>
          )}
          <IconButton label={say('Dismiss')} icon="close" class="small" onClick={() => end(shown)} />
        </div>
      ))}
    </div>
  )
}
