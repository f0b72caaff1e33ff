import { Icon, type IconName } from './icons.tsx'

interface IconButtonProps {
  /** For screen readers. */
  readonly label: string
  readonly icon: IconName
  readonly filled?: boolean
  /** Further classes, such as `small`. */
  readonly class?: string
  /** Shown while the pointer is over the button. */
  readonly title?: string
  readonly pressed?: boolean
  readonly disabled?: boolean
  readonly tabIndex?: number
  readonly onClick: () => void
}

/** A button that shows only an icon. */
export function IconButton(props: IconButtonProps) {
  const { label, icon, filled = false, title, pressed, disabled, tabIndex, onClick } = props
  return (
    <button
      type="button"
      class={props.class ? `icon-button ${props.class}` : 'icon-button'}
      aria-label={label}
      title={title}
      aria-pressed={pressed}
      aria-disabled={disabled}
      tabIndex={tabIndex}
      onClick={onClick}
    >
      <Icon name={icon} filled={filled} />
    </button>
  )
}
