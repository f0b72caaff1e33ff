import type { Segment } from '../api/types.ts'
import { say } from '../locale/say.ts'
import { memo } from '../parts/memo.ts'
import { SpokenTime } from '../parts/spoken-time.tsx'
import { LineForm, type LineFormProps } from './line-form.tsx'
import { SLICE_LINES } from './lines-so-far.ts'
import { isSame, type Line } from './transcript-draft.ts'

interface EditorLinesProps {
  /** Index of the first line. */
  readonly from: number
  readonly base: readonly Segment[]
  readonly lines: readonly Line[]
  readonly colours: ReadonlyMap<string, number>
  /** Index of the line that is being edited. */
  readonly open: number | undefined
  readonly onChoose: (index: number) => void
  /** Properties of the form of the open line. */
  readonly formOf: (index: number) => LineFormProps
}

/** A list of lines to edit. */
export const EditorLines = memo(
  ({ from, base, lines, colours, open, onChoose, formOf }: EditorLinesProps) => (
    <ul aria-label={say('Lines of the transcript')}>
      {lines.slice(from, from + SLICE_LINES).map((line, at) => {
        const index = from + at
        const { id, start, text, speaker } = line
        const isUnchanged = line.from.length === 1 && isSame(line, base[line.from[0]!]!)
        const colour = speaker ? ` speaker-${colours.get(speaker)}` : ''
        return (
          // By index, so that the focus stays where it is when a save replaces the lines.
          <li key={index} class={`line${isUnchanged ? '' : ' changed'}${colour}`}>
            {open === index ? (
              <LineForm key={`${id} ${text}`} {...formOf(index)} />
            ) : (
              <button
                type="button"
                class="line-edit"
                tabIndex={index === 0 ? 0 : -1}
                onClick={() => onChoose(index)}
              >
                {speaker && speaker !== lines[index - 1]?.speaker && (
                  <span class="line-speaker">{speaker}</span>
                )}
                <SpokenTime class="line-time" seconds={start} />
                {text.trim() ? <span data-text>{text}</span> : <i class="hint">{say('deleted')}</i>}
              </button>
            )}
          </li>
        )
      })}
    </ul>
  ),
  ['base', 'lines', 'open'],
)
