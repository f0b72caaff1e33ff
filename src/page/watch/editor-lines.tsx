import { useEffect, useRef } from 'preact/hooks'
import type { Segment } from '../api/types.ts'
import { clock, spokenClock } from '../format.ts'
import { memo } from '../parts/memo.ts'
import { SpokenTime } from '../parts/spoken-time.tsx'
import { SLICE_LINES } from './lines-so-far.ts'

/** Approximate number of letters in a row of the input. */
const LETTERS_PER_ROW = 45

interface EditorLinesProps {
  /** Index of the first line. */
  readonly from: number
  readonly base: readonly Segment[]
  readonly texts: readonly string[]
  /** Index of the line that is being edited. */
  readonly line: number | undefined
  readonly onChoose: (index: number) => void
  /** @param text undefined if the edit was cancelled. @param next whether to open the next line. */
  readonly onDone: (index: number, text: string | undefined, next: boolean) => void
  readonly onLeave: (index: number, text: string) => void
}

/** A list of lines to edit. */
export const EditorLines = memo(
  ({ from, base, texts, line, onChoose, onDone, onLeave }: EditorLinesProps) => (
    <ul aria-label="Lines of the transcript">
      {base.slice(from, from + SLICE_LINES).map(({ start, text: before }, at) => {
        const index = from + at
        const text = texts[index]!
        return (
          <li key={`${start}-${index}`} class={text === before ? 'line' : 'line changed'}>
            {line === index ? (
              <LineInput
                text={text}
                start={start}
                onDone={(text, next) => onDone(index, text, next)}
                onLeave={text => onLeave(index, text)}
              />
            ) : (
              <button
                type="button"
                class="line-edit"
                tabIndex={index === 0 ? 0 : -1}
                onClick={() => onChoose(index)}
              >
                <SpokenTime class="line-time" seconds={start} />
                <span>{text.trim() || <i class="hint">deleted</i>}</span>
              </button>
            )}
          </li>
        )
      })}
    </ul>
  ),
  ['base', 'texts', 'line'],
)

interface LineInputProps {
  readonly text: string
  /** Seconds. */
  readonly start: number
  readonly onDone: (text: string | undefined, next: boolean) => void
  readonly onLeave: (text: string) => void
}

function LineInput({ text, start, onDone, onLeave }: LineInputProps) {
  const input = useRef<HTMLTextAreaElement>(null)
  const finished = useRef(false)
  useEffect(() => input.current!.focus(), [])
  return (
    <div class="line-editing">
      <span class="line-time" aria-hidden="true">
        {clock(start)}
      </span>
      <textarea
        ref={input}
        class="line-input"
        aria-label={`Text at ${spokenClock(start)}`}
        defaultValue={text}
        rows={Math.max(1, Math.ceil(text.length / LETTERS_PER_ROW))}
        onKeyDown={event => {
          if (event.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return
          event.preventDefault()
          event.stopPropagation()
          finished.current = true
          if (event.key === 'Escape') onDone(undefined, false)
          else onDone(event.currentTarget.value, true)
        }}
        onBlur={event => {
          if (!finished.current) onLeave(event.currentTarget.value)
        }}
      />
    </div>
  )
}
