import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Tagged, Transcript } from '../api/types.ts'
import { clock } from '../format.ts'
import { say } from '../locale/say.ts'
import { Conflicts } from '../parts/conflicts.tsx'
import { IconButton } from '../parts/icon-button.tsx'
import { commitOpenLine, EditableLines, type Update } from './editable-lines.tsx'
import { exactClock } from './exact-clock.ts'
import { FindAndReplace } from './find-and-replace.tsx'
import { useLinesSoFar } from './lines-so-far.ts'
import { type Conflict, chooseLines } from './rebase-draft.ts'
import { type Draft, type Line, redo, undo } from './transcript-draft.ts'
import { useFind } from './use-find.ts'
import { useTranscriptEditor } from './use-transcript-editor.ts'

interface TranscriptEditorProps {
  /** Link of the transcript. */
  readonly link: string
  readonly transcript: Transcript
  readonly tag: string
  /** Index of the line to open first; undefined to open none. */
  readonly line: number | undefined
  readonly media: RefObject<HTMLVideoElement>
  readonly onClose: (saved?: Tagged<Transcript>) => void
  /** Called when the user undoes a discard. */
  readonly onReopen: () => void
}

/** Edits the lines of a transcript: their texts, times and speakers. */
export function TranscriptEditor(props: TranscriptEditorProps) {
  const list = useRef<HTMLDivElement>(null)
  const editor = useTranscriptEditor({ ...props, commitOpenLine: () => commitOpenLine(list.current) })
  const { draft, changed, update, discard, save, saving, problem, conflicts, lost } = editor
  const shown = useLinesSoFar(draft.lines.length)
  const finding = useFind({ segments: draft.lines, list, shown, isExact: true })
  useLayoutEffect(() => {
    if (props.line === undefined)
      list.current!.querySelector<HTMLElement>('button[tabindex="0"]')?.focus({ preventScroll: true })
  }, [])
  const onKey = (event: KeyboardEvent) => {
    const command = event.ctrlKey || event.metaKey
    const key = event.key.toLowerCase()
    if (command && key === 's') {
      event.preventDefault()
      void save()
    } else if (
      command &&
      !(event.target as Element).matches('textarea, input') &&
      (key === 'z' || key === 'y')
    ) {
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
          {changed ? say('Discard') : say('Close')}
        </button>
        <button
          type="button"
          class="button small primary"
          aria-disabled={!changed || saving}
          onClick={() => void save()}
        >
          {saving ? say('Saving…') : say('Save')}
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
          {say('These changes could not be kept, because their lines no longer exist: {texts}', {
            texts: lost.map(text => `“${text}”`).join(say(', ')),
          })}
        </p>
      )}
      <FindAndReplace finding={finding} draft={draft} onChange={update} />
      <p class="hint editor-hint">
        {say('Choose a line to edit it. Enter opens the next line, Escape cancels.')}
      </p>
      <EditableLines {...{ list, draft, shown }} first={props.line} media={props.media} onChange={update} />
    </div>
  )
}

function UndoButtons({ draft, onChange }: { draft: Draft; onChange: Update }) {
  return (
    <>
      <IconButton
        label={say('Undo')}
        icon="undo"
        class="small"
        disabled={draft.done.length === 0}
        onClick={() => onChange(undo)}
      />
      <IconButton
        label={say('Redo')}
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
      rows={conflicts.map(({ key, mine, theirs }) => {
        const describe = describerOf(mine, theirs)
        const chosen = describe(draft.lines.filter(({ conflict }) => conflict === key))
        return { key, label: clock(theirs[0]!.start), mine: describe(mine), theirs: describe(theirs), chosen }
      })}
      textOf={text => text || say('(deleted)')}
      onChoose={(key, text) => {
        const { mine, theirs } = conflicts.find(conflict => conflict.key === key)!
        const isMine = text === describerOf(mine, theirs)(mine)
        onChange(before => chooseLines(before, key, isMine ? mine : theirs))
      }}
    >
      {conflicts.length > 0
        ? say('Your text is kept in these lines unless you choose the other. Then save again.')
        : say('It does not overlap with yours: the transcript now shows both. Then save again.')}
    </Conflicts>
  )
}

/** Describes the lines of each side: by their text, or by their speaker and times if only those differ. */
function describerOf(mine: readonly Line[], theirs: readonly Line[]): (lines: readonly Line[]) => string {
  const text = (lines: readonly Line[]) =>
    lines
      .map(line => line.text.trim())
      .filter(Boolean)
      .join(' / ')
  if (text(mine) !== text(theirs)) return text
  return lines =>
    lines
      .map(
        ({ start, end, speaker }) => `${speaker || say('Unknown')}, ${exactClock(start)}–${exactClock(end)}`,
      )
      .join(' / ')
}
