import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Tagged, Transcript } from '../api/types.ts'
import { clock } from '../format.ts'
import { Conflicts } from '../parts/conflicts.tsx'
import { IconButton } from '../parts/icon-button.tsx'
import { EditorLines } from './editor-lines.tsx'
import { lineElement, moveAlong } from './line-elements.ts'
import { SLICE_LINES, sliceStarts, useLinesSoFar } from './lines-so-far.ts'
import { type Conflict, changeLine, type Draft, redo, undo } from './transcript-draft.ts'
import { useTranscriptEditor } from './use-transcript-editor.ts'

type Update = (change: (before: Draft) => Draft) => void

interface TranscriptEditorProps {
  /** Link of the transcript. */
  readonly link: string
  readonly transcript: Transcript
  readonly tag: string
  readonly onSeek: (seconds: number) => void
  readonly onClose: (saved?: Tagged<Transcript>) => void
  /** Called when the user undoes a discard. */
  readonly onReopen: () => void
}

/** Edits the lines of a transcript. Their times do not change. */
export function TranscriptEditor(props: TranscriptEditorProps) {
  const list = useRef<HTMLDivElement>(null)
  const editor = useTranscriptEditor({ ...props, commitOpenLine: () => commitOpenLine(list.current) })
  const { draft, changed, update, discard, save, saving, problem, conflicts, lost } = editor
  useEffect(
    () => list.current!.querySelector<HTMLElement>('button[tabindex="0"]')?.focus({ preventScroll: true }),
    [],
  )
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
        <UndoButtons draft={draft} onChange={update} />
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
      {conflicts && <LineConflicts conflicts={conflicts} draft={draft} onChange={update} />}
      {lost.length > 0 && (
        <p class="transcript-note warn" role="alert">
          These changes could not be kept, because their lines no longer exist:{' '}
          {lost.map(text => `“${text}”`).join(', ')}
        </p>
      )}
      <p class="hint editor-hint">Choose a line to edit it. Enter opens the next line, Escape cancels.</p>
      <EditableLines list={list} draft={draft} onChange={update} onSeek={props.onSeek} />
    </div>
  )
}

function UndoButtons({ draft, onChange }: { draft: Draft; onChange: Update }) {
  return (
    <>
      <IconButton
        label="Undo"
        icon="undo"
        class="small"
        disabled={draft.done.length === 0}
        onClick={() => onChange(undo)}
      />
      <IconButton
        label="Redo"
        icon="redo"
        class="small"
        disabled={draft.undone.length === 0}
        onClick={() => onChange(redo)}
      />
    </>
  )
}

interface LineConflictsProps {
  readonly conflicts: readonly Conflict[]
  readonly draft: Draft
  readonly onChange: Update
}

function LineConflicts({ conflicts, draft, onChange }: LineConflictsProps) {
  return (
    <Conflicts
      rows={conflicts.map(({ index, mine, theirs }) => ({
        key: index,
        label: clock(draft.base[index]!.start),
        mine,
        theirs,
        chosen: draft.texts[index]!,
      }))}
      textOf={text => text.trim() || '(deleted)'}
      onChoose={(index, text) => onChange(before => changeLine(before, index, text))}
    >
      {conflicts.length > 0
        ? 'Your text is kept in these lines unless you choose the other.'
        : 'It does not overlap with yours: the transcript now shows both.'}{' '}
      Then save again.
    </Conflicts>
  )
}

interface EditableLinesProps {
  readonly list: RefObject<HTMLDivElement>
  readonly draft: Draft
  readonly onChange: Update
  readonly onSeek: (seconds: number) => void
}

function EditableLines({ list, draft, onChange, onSeek }: EditableLinesProps) {
  const [line, setLine] = useState<number>()
  const shown = useLinesSoFar(draft.base.length)
  const focus = (index: number) =>
    requestAnimationFrame(() => lineElement(list.current!, index)?.querySelector('button')?.focus())
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys move among the buttons within
    <div ref={list} class="lines" onKeyDown={moveAlong}>
      {sliceStarts(shown).map(from => (
        <EditorLines
          key={from}
          from={from}
          base={draft.base}
          texts={draft.texts}
          line={line !== undefined && line >= from && line < from + SLICE_LINES ? line : undefined}
          onChoose={index => {
            setLine(index)
            onSeek(draft.base[index]!.start)
          }}
          onDone={(index, text, next) => {
            if (text !== undefined) onChange(before => changeLine(before, index, text))
            setLine(next && index + 1 < draft.base.length ? index + 1 : undefined)
            if (!next) focus(index)
          }}
          onLeave={(index, text) => {
            onChange(before => changeLine(before, index, text))
            setLine(now => (now === index ? undefined : now))
          }}
        />
      ))}
    </div>
  )
}

/** Ends the editing of the open line. Its text then becomes part of the draft. */
function commitOpenLine(lines: HTMLElement | null): void {
  const focused = document.activeElement
  if (focused instanceof HTMLTextAreaElement && lines?.contains(focused)) focused.blur()
}
