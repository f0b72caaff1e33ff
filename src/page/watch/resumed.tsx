import { clock } from '../format.ts'
import { IconButton } from '../parts/icon-button.tsx'

interface ResumedProps {
  /** Seconds. */
  readonly at: number
  readonly onStartOver: () => void
  readonly onDismiss: () => void
}

/** Says that playback continues where it stopped, and offers the beginning. */
export function Resumed({ at, onStartOver, onDismiss }: ResumedProps) {
  return (
    <div class="resumed">
      <span>Continues at {clock(at)}</span>
      <button type="button" class="resumed-action" onClick={onStartOver}>
        Start over
      </button>
      <IconButton label="Dismiss" icon="close" class="small" onClick={onDismiss} />
    </div>
  )
}
