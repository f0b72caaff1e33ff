import type { RefObject } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { clock, spokenClock } from '../format.ts'
import { say } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { exactClock, parseClock } from './exact-clock.ts'
import type { LineFields } from './line-changes.ts'
import type { Line } from './transcript-draft.ts'

/** Approximate number of letters in a row of the input. */
const LETTERS_PER_ROW = 45
const MAX_NAME_LENGTH = 100
const KEY_STEP_S = 0.1

export interface LineFormProps {
  readonly line: Line
  /** Position of the caret in the text. */
  readonly caret: number
  /** Names of all speakers. */
  readonly names: readonly string[]
  readonly isFirst: boolean
  readonly isLast: boolean
  /** The player's position in seconds. */
  readonly now: () => number
  readonly onPlay: (seconds: number) => void
  /** @param fields undefined if the edit was cancelled. @param next whether to open the next line. */
  readonly onDone: (fields: LineFields | undefined, next: boolean) => void
  /** Called when the focus leaves the form. */
  readonly onLeave: (fields: LineFields) => void
  /** @param caret position in the text at which to divide it */
  readonly onSplit: (fields: LineFields, caret: number) => void
  /** Joins the line with the previous (-1) or the next (1). */
  readonly onJoin: (fields: LineFields, by: -1 | 1) => void
}

/** The form for one line: its text, times and speaker. */
export function LineForm(props: LineFormProps) {
  const { line, caret, isFirst, isLast } = props
  const form = useRef<HTMLFormElement>(null)
  const input = useRef<HTMLTextAreaElement>(null)
  // When the form goes, the browser can report once more that the focus leaves it.
  const finished = useRef(false)
  // Before it is painted, so that no key that is pressed at once is lost.
  useLayoutEffect(() => {
    input.current!.focus()
    input.current!.setSelectionRange(caret, caret)
  }, [])
  const finish = (end: (fields: LineFields) => void) => {
    finished.current = true
    end(fieldsOf(form.current!, line))
  }
  const split = () => {
    const { value, selectionStart } = input.current!
    if (value.slice(0, selectionStart).trim() && value.slice(selectionStart).trim())
      finish(fields => props.onSplit(fields, selectionStart))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return
    const { selectionStart, selectionEnd, value } = input.current!
    const isIn = event.target === input.current && selectionStart === selectionEnd
    const actions: Record<string, (() => void) | undefined> = {
      Enter:
        event.target instanceof HTMLButtonElement
          ? undefined
          : event.ctrlKey || event.metaKey
            ? split
            : () => finish(fields => props.onDone(fields, true)),
      Escape: () => finish(() => props.onDone(undefined, false)),
      Backspace:
        isIn && selectionStart === 0 && !isFirst
          ? () => finish(fields => props.onJoin(fields, -1))
          : undefined,
      Delete:
        isIn && selectionEnd === value.length && !isLast
          ? () => finish(fields => props.onJoin(fields, 1))
          : undefined,
    }
    const action = actions[event.key]
    if (!action) return
    event.preventDefault()
    event.stopPropagation()
    action()
  }
  return (
    <form
      ref={form}
      class="line-form"
      onSubmit={event => event.preventDefault()}
      onKeyDown={onKeyDown}
      onPointerDown={event => {
        // The text keeps the focus and its caret. Safari never gives the focus to a button that is clicked.
        if ((event.target as Element).closest('button')) event.preventDefault()
      }}
      onFocusOut={event => {
        if (!finished.current && !form.current!.contains(event.relatedTarget as Node | null))
          finish(props.onLeave)
      }}
    >
      <LineTimes line={line} now={props.now} onPlay={props.onPlay} />
      <textarea
        ref={input}
        class="line-input"
        dir="auto"
        name="text"
        aria-label={say('Text at {time}', { time: spokenClock(line.start) })}
        defaultValue={line.text}
        rows={Math.max(1, Math.ceil(line.text.length / LETTERS_PER_ROW))}
      />
      <div class="line-tools">
        <button type="button" class="button small" title={say('Ctrl + Enter')} onClick={split}>
          {say('Split at the cursor')}
        </button>
        {!isLast && (
          <button
            type="button"
            class="button small"
            title={say('Delete at the end of the text')}
            onClick={() => finish(fields => props.onJoin(fields, 1))}
          >
            {say('Join with next')}
          </button>
        )}
      </div>
      <SpeakerField line={line} names={props.names} />
    </form>
  )
}

function LineTimes({ line, now, onPlay }: Pick<LineFormProps, 'line' | 'now' | 'onPlay'>) {
  const start = useRef<HTMLInputElement>(null)
  return (
    <div class="line-times">
      <IconButton
        label={say('Play from {time}', { time: clock(line.start) })}
        icon="play"
        filled
        class="small"
        onClick={() => onPlay(parseClock(start.current!.value) ?? line.start)}
      />
      <TimeField name="start" label={say('Start')} seconds={line.start} field={start} />
      <span aria-hidden="true">–</span>
      <TimeField name="end" label={say('End')} seconds={line.end} />
      <IconButton
        label={say('Start at the player’s position')}
        title={say('Start at the player’s position')}
        icon="target"
        class="small"
        onClick={() => {
          start.current!.value = exactClock(now())
        }}
      />
    </div>
  )
}

interface TimeFieldProps {
  readonly name: 'start' | 'end'
  readonly label: string
  readonly seconds: number
  readonly field?: RefObject<HTMLInputElement>
}

/** A time. The arrow keys change it by a tenth of a second. */
function TimeField({ name, label, seconds, field }: TimeFieldProps) {
  return (
    <input
      ref={field ?? null}
      class="line-clock"
      dir="ltr"
      name={name}
      aria-label={label}
      defaultValue={exactClock(seconds)}
      autocomplete="off"
      onKeyDown={event => {
        const step = { ArrowUp: KEY_STEP_S, ArrowDown: -KEY_STEP_S }[event.key]
        if (step === undefined) return
        event.preventDefault()
        const { currentTarget } = event
        currentTarget.value = exactClock(Math.max(0, (parseClock(currentTarget.value) ?? seconds) + step))
      }}
    />
  )
}

function SpeakerField({ line, names }: Pick<LineFormProps, 'line' | 'names'>) {
  const id = useId()
  return (
    <label class="line-name">
      {say('Speaker')}
      <input
        name="speaker"
        list={id}
        defaultValue={line.speaker}
        placeholder={say('Unknown')}
        maxLength={MAX_NAME_LENGTH}
        autocomplete="off"
      />
      <datalist id={id}>
        {names.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  )
}

/** The values of the form. A time counts only if it was changed, because it is shown rounded. */
function fieldsOf(form: HTMLFormElement, { start, end }: Line): LineFields {
  const data = new FormData(form)
  const value = (name: string) => String(data.get(name) ?? '')
  const timeOf = (name: string, before: number) =>
    value(name) === exactClock(before) ? before : (parseClock(value(name)) ?? before)
  return {
    text: value('text'),
    start: timeOf('start', start),
    end: timeOf('end', end),
    speaker: value('speaker').trim(),
  }
}
