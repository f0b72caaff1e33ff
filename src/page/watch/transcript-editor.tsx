import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { messageOf, Problem } from '../api/http.ts'
import type { Segment, Tagged, Transcript } from '../api/types.ts'
import { getTranscript, putTranscript } from '../api/videos.ts'
import { clock, spokenClock } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { memo } from '../parts/memo.ts'
import { toast } from '../parts/toasts.tsx'
import { location, navigate } from '../router.ts'
import { lineElement, moveAlong } from './line-elements.ts'
import { SLICE, sliceStarts, useLinesSoFar } from './lines-so-far.ts'
import {
  beginDraft,
  type Conflict,
  changedSince,
  changeLine,
  type Draft,
  editedSegments,
  isChanged,
  rebase,
  redo,
  undo,
  unsaved,
} from './transcript-draft.ts'

interface TranscriptEditorProps {
  readonly link: string
  readonly transcript: Transcript
  readonly tag: string
  readonly onSeek: (seconds: number) => void
  readonly onClose: (saved?: Tagged<Transcript>) => void
  /** Called where what was discarded is wanted back. */
  readonly onReopen: () => void
}

addEventListener('beforeunload', event => {
  if (unsaved.size > 0) event.preventDefault()
})

/** The transcript to correct, line by line. A line keeps its time; what others have saved meanwhile is not overwritten unseen. */
export function TranscriptEditor({
  link,
  transcript,
  tag,
  onSeek,
  onClose,
  onReopen,
}: TranscriptEditorProps) {
  const [draft, setDraft] = useState(() => unsaved.get(link) ?? beginDraft(transcript.segments, tag))
  // What a request that is under way finds when it ends, whatever was typed meanwhile.
  const latest = useRef(draft)
  const update = (change: (before: Draft) => Draft) => {
    latest.current = change(latest.current)
    setDraft(latest.current)
  }
  const [line, setLine] = useState<number>()
  const [conflicts, setConflicts] = useState<readonly Conflict[]>()
  const [lost, setLost] = useState<readonly string[]>([])
  const [problem, setProblem] = useState<string>()
  const [saving, setSaving] = useState(false)
  const list = useRef<HTMLDivElement>(null)
  const shown = useLinesSoFar(draft.base.length)
  const changed = isChanged(draft)
  useLayoutEffect(() => {
    if (changed) unsaved.set(link, draft)
    else unsaved.delete(link)
  }, [link, draft, changed])
  useEffect(() => {
    const { href } = location.value
    return () => {
      if (unsaved.has(link))
        toast('Your changes to the transcript are not saved yet.', {
          seconds: 10,
          action: { label: 'Go back', run: () => navigate(href) },
        })
    }
  }, [link])
  const close = (saved?: Tagged<Transcript>) => {
    unsaved.delete(link)
    onClose(saved)
  }
  const discard = () => {
    close()
    if (!changed) return
    toast('Your changes are discarded.', {
      seconds: 10,
      action: {
        label: 'Undo',
        run: () => {
          unsaved.set(link, draft)
          onReopen()
        },
      },
    })
  }
  useEffect(
    () => list.current!.querySelector<HTMLElement>('button[tabindex="0"]')?.focus({ preventScroll: true }),
    [],
  )

  const save = async () => {
    takeOpenLine(list.current!)
    const sent = latest.current
    if (saving || !isChanged(sent)) return
    setSaving(true)
    setProblem(undefined)
    try {
      const saved = await putTranscript(link, editedSegments(sent), sent.tag)
      if (list.current) takeOpenLine(list.current)
      const since = rebase(changedSince(sent, latest.current), saved.value.segments, saved.tag!)
      if (!isChanged(since.draft) && since.lost.length === 0) return close(saved)
      update(() => since.draft)
      setConflicts(undefined)
      setLost(since.lost)
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) return setProblem(messageOf(error))
      try {
        const { value, tag: theirTag } = await getTranscript(link)
        const moved = rebase(latest.current, value.segments, theirTag!)
        update(() => moved.draft)
        setConflicts(moved.conflicts)
        setLost(moved.lost)
      } catch (again) {
        setProblem(messageOf(again))
      }
    } finally {
      setSaving(false)
    }
  }
  const onKey = (event: KeyboardEvent) => {
    const command = event.ctrlKey || event.metaKey
    const key = event.key.toLowerCase()
    if (command && key === 's') {
      event.preventDefault()
      void save()
    } else if (command && !(event.target instanceof HTMLTextAreaElement) && (key === 'z' || key === 'y')) {
      event.preventDefault()
      update(key === 'y' || event.shiftKey ? redo : undo)
    }
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: shortcuts for the buttons within
    <div class="editor" onKeyDown={onKey}>
      <div class="editor-bar">
        <button
          type="button"
          class="icon-button small"
          aria-label="Undo"
          aria-disabled={draft.done.length === 0}
          onClick={() => update(undo)}
        >
          <Icon name="undo" />
        </button>
        <button
          type="button"
          class="icon-button small"
          aria-label="Redo"
          aria-disabled={draft.undone.length === 0}
          onClick={() => update(redo)}
        >
          <Icon name="redo" />
        </button>
        <span class="grow" />
        <button type="button" class="button small" onClick={discard}>
          {changed ? 'Discard' : 'Close'}
        </button>
        <button
          type="button"
          class="button small primary"
          aria-disabled={!changed || saving}
          onClick={() => void save()}
        >
          {saving ? 'Saving…' : 'Save'}
        </button>
      </div>
      {problem && (
        <p class="transcript-note bad" role="alert">
          {problem}
        </p>
      )}
      {conflicts && (
        <div class="conflicts" role="alert">
          <p>
            <b>Somebody else has saved a change meanwhile.</b>{' '}
            {conflicts.length > 0
              ? 'You have both changed these lines. Yours are kept unless you choose otherwise.'
              : 'It does not touch your lines: both are in the text now.'}{' '}
            Save when you are content.
          </p>
          {conflicts.map(({ index, mine, theirs }) => (
            <div key={index} class="conflict">
              <span class="conflict-time">{clock(draft.base[index]!.start)}</span>
              <button
                type="button"
                aria-pressed={draft.texts[index] === mine}
                onClick={() => update(before => changeLine(before, index, mine))}
              >
                <b>Yours</b> {mine || '(deleted)'}
              </button>
              <button
                type="button"
                aria-pressed={draft.texts[index] === theirs}
                onClick={() => update(before => changeLine(before, index, theirs))}
              >
                <b>Theirs</b> {theirs}
              </button>
            </div>
          ))}
          {lost.length > 0 && (
            <p>
              These lines of yours have no place in the text any more:{' '}
              {lost.map(text => `“${text}”`).join(', ')}
            </p>
          )}
        </div>
      )}
      <p class="hint editor-hint">
        Choose a line to change it. Enter goes on to the next, Escape leaves it as it was.
      </p>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys move among the buttons within */}
      <div ref={list} class="lines" onKeyDown={moveAlong}>
        {sliceStarts(shown).map(from => (
          <EditorLines
            key={from}
            from={from}
            base={draft.base}
            texts={draft.texts}
            line={line !== undefined && line >= from && line < from + SLICE ? line : undefined}
            onChoose={index => {
              setLine(index)
              onSeek(draft.base[index]!.start)
            }}
            onDone={(index, text, next) => {
              if (text !== undefined) update(before => changeLine(before, index, text))
              setLine(next && index + 1 < draft.base.length ? index + 1 : undefined)
              if (!next)
                requestAnimationFrame(() =>
                  lineElement(list.current!, index)?.querySelector('button')?.focus(),
                )
            }}
            onLeave={(index, text) => {
              update(before => changeLine(before, index, text))
              setLine(now => (now === index ? undefined : now))
            }}
          />
        ))}
      </div>
    </div>
  )
}

/** The text of a line that is being changed counts as it stands. */
function takeOpenLine(lines: HTMLElement): void {
  const focused = document.activeElement
  if (focused instanceof HTMLTextAreaElement && lines.contains(focused)) focused.blur()
}

interface EditorLinesProps {
  /** The index of the first. */
  readonly from: number
  readonly base: readonly Segment[]
  readonly texts: readonly string[]
  /** The one that is being changed. */
  readonly line: number | undefined
  readonly onChoose: (index: number) => void
  /** @param text undefined where it stays as it was. @param next whether to go on with the next line. */
  readonly onDone: (index: number, text: string | undefined, next: boolean) => void
  readonly onLeave: (index: number, text: string) => void
}

const EditorLines = memo(
  ({ from, base, texts, line, onChoose, onDone, onLeave }: EditorLinesProps) => (
    <ul aria-label="Lines of the transcript">
      {base.slice(from, from + SLICE).map(({ start, text: before }, at) => {
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
                <span class="line-time" aria-hidden="true">
                  {clock(start)}
                </span>
                <span class="visually-hidden">{spokenClock(start)}</span>
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
        rows={Math.max(1, Math.ceil(text.length / 45))}
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
