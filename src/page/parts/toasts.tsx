import { signal } from '@preact/signals'
import { IconButton } from './icon-button.tsx'

interface Toast {
  readonly id: number
  readonly text: string
  readonly action?: { readonly label: string; readonly run: () => void }
}

const toasts = signal<readonly Toast[]>([])
let lastId = 0

/** Shows a short message. @param seconds for which it stays @returns a function that removes it */
export function toast(
  text: string,
  { seconds = 5, action }: { seconds?: number; action?: Toast['action'] } = {},
): () => void {
  const id = ++lastId
  const close = () => {
    toasts.value = toasts.value.filter(each => each.id !== id)
  }
  toasts.value = [...toasts.value, { id, text, ...(action && { action }) }]
  setTimeout(close, seconds * 1000)
  return close
}

export function Toasts() {
  const dismiss = (id: number) => {
    toasts.value = toasts.value.filter(each => each.id !== id)
  }
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, action }) => (
        <div key={id} class="toast">
          <span>{text}</span>
          {action && (
            <button
              type="button"
              class="toast-action"
              onClick={() => {
                action.run()
                dismiss(id)
              }}
            >
              {action.label}
            </button>
          )}
          <IconButton label="Dismiss" icon="close" class="small" onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  )
}
