import { clock } from '../format.ts'
import { say } from '../locale/say.ts'
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
      <span dir="auto">{say('Continues at {time}', { time: clock(at) })}</span>
      <button type="button" class="resumed-action" onClick={onStartOver}>
        {say('Start over')}
      </button>
      <IconButton label={say('Dismiss')} icon="close" class="small" onClick={onDismiss} />
    </div>
  )
}
