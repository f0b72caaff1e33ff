import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { Popup } from '../parts/popup.tsx'

interface FilterChipProps {
  /** The property that it filters by, such as `Tag`. */
  readonly name: string
  /** The current choice; empty if there is none. */
  readonly value: string
  readonly role: 'menu' | 'dialog'
  readonly onRemove: () => void
  /** Makes the content of the popup. @param close for content that closes it */
  readonly children: (close: () => void) => ComponentChildren
}

/** A button that opens the choices of a filter. With a choice, it shows the choice and a button to remove it. */
export function FilterChip({ name, value, role, onRemove, children }: FilterChipProps) {
  const button = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <span class={value ? 'chip on' : 'chip'}>
      <button
        ref={button}
        type="button"
        class="chip-open"
        aria-haspopup={role}
        aria-expanded={isOpen}
        aria-label={value ? `${name}: ${value}` : undefined}
        onClick={() => setOpen(true)}
      >
        <span>{value || name}</span>
        {!value && <Icon name="down" />}
      </button>
      {value && (
        <button
          type="button"
          class="chip-remove"
          aria-label={say('Remove the filter {value}', { value })}
          onClick={() => {
            onRemove()
            button.current!.focus()
          }}
        >
          <Icon name="close" />
        </button>
      )}
      {isOpen && (
        <Popup anchor={button.current!} label={name} role={role} onClose={close}>
          {children(close)}
        </Popup>
      )}
    </span>
  )
}
