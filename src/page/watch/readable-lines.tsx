import type { Segment } from '../api/types.ts'
import { clock } from '../format.ts'
import { say } from '../locale/say.ts'
import { memo } from '../parts/memo.ts'
import { SLICE_LINES } from './lines-so-far.ts'

interface ReadableLinesProps {
  readonly segments: readonly Segment[]
  /** Index of the first line. */
  readonly from: number
  readonly colours: ReadonlyMap<string, number>
  readonly onSeek: (seconds: number) => void
  readonly onMenu: (line: number, anchor: HTMLElement) => void
  readonly onSpeaker: (line: number, anchor: HTMLElement) => void
}

/** A list of lines to read. A speaker's name is above the first of their lines. */
export const ReadableLines = memo(
  ({ segments, from, colours, onSeek, onMenu, onSpeaker }: ReadableLinesProps) => (
    <ul aria-label={say('Lines of the transcript')}>
      {segments.slice(from, from + SLICE_LINES).map(({ start, text, speaker }, at) => {
        const index = from + at
        const tabIndex = index === 0 ? 0 : -1
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the first button within does the same
          <li
            key={`${start}-${index}`}
            class={speaker ? `line speaker-${colours.get(speaker)}` : 'line'}
            onClick={event => {
              if ((event.target as Element).closest('.line-speaker, .line-more')) return
              // A click that selects text does not seek.
              if (getSelection()?.isCollapsed !== false) onSeek(start)
            }}
          >
            {speaker && speaker !== segments[index - 1]?.speaker && (
              <button
                type="button"
                class="line-speaker"
                tabIndex={tabIndex}
                aria-label={say('Rename {speaker}', { speaker })}
                title={say('Rename')}
                onClick={event => onSpeaker(index, event.currentTarget)}
              >
                {speaker}
              </button>
            )}
            <button
              type="button"
              class="line-time"
              tabIndex={tabIndex}
              aria-label={say('Play from {time}', { time: clock(start) })}
            >
              {clock(start)}
            </button>
            <p>
              <span data-text>{text}</span>
            </p>
            <button
              type="button"
              class="line-more"
              tabIndex={tabIndex}
              aria-label={say('More actions at {time}', { time: clock(start) })}
              aria-haspopup="menu"
              onClick={event => onMenu(index, event.currentTarget)}
            />
          </li>
        )
      })}
    </ul>
  ),
  ['segments'],
)
