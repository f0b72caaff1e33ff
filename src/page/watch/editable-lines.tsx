import type { RefObject } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { EditorLines } from './editor-lines.tsx'
import { changeLine, mergeWithNext, splitLine } from './line-changes.ts'
import { lineElement, moveAlong } from './line-elements.ts'
import type { LineFormProps } from './line-form.tsx'
import { SLICE_LINES, sliceStarts } from './lines-so-far.ts'
import { speakerColours } from './speakers.ts'
import type { Draft } from './transcript-draft.ts'

export type Update = (change: (before: Draft) => Draft) => void

interface EditableLinesProps {
  readonly list: RefObject<HTMLDivElement>
  readonly draft: Draft
  /** The number of rendered lines. */
  readonly shown: number
  /** Index of the line to open first. */
  readonly first: number | undefined
  readonly media: RefObject<HTMLVideoElement>
  readonly onChange: Update
}

/** The line that is being edited, and the position of its caret. Its index changes when lines before it are split or joined. */
interface Open {
  readonly id: number
  readonly caret?: number
}

/** The lines of a draft, of which one at a time can be edited. */
export function EditableLines({ list, draft, shown, first, media, onChange }: EditableLinesProps) {
  const { base, lines } = draft
  const [open, setOpen] = useState<Open | undefined>(() =>
    first !== undefined && lines[first] ? { id: lines[first].id } : undefined,
  )
  const colours = useMemo(() => speakerColours(lines), [lines])
  const index = open ? lines.findIndex(({ id }) => id === open.id) : -1
  const seek = (seconds: number) => {
    if (media.current) media.current.currentTime = seconds
  }
  const lineAt = (at: number) => (list.current ? lineElement(list.current, at) : undefined)
  const focus = (at: number) => requestAnimationFrame(() => lineAt(at)?.querySelector('button')?.focus())
  const focusIfLost = (at: number) =>
    requestAnimationFrame(() => {
      if (document.activeElement === document.body)
        lineAt(at)?.querySelector('button')?.focus({ preventScroll: true })
    })
  const choose = (at: number) => {
    setOpen({ id: lines[at]!.id })
    seek(lines[at]!.start)
  }
  const formOf = (at: number): LineFormProps => ({
    line: lines[at]!,
    caret: open?.caret ?? lines[at]!.text.length,
    names: [...colours.keys()],
    isFirst: at === 0,
    isLast: at === lines.length - 1,
    now: () => media.current?.currentTime ?? 0,
    onPlay: seconds => {
      seek(seconds)
      media.current?.play().catch(() => {})
    },
    onDone: (fields, next) => {
      if (fields) onChange(before => changeLine(before, at, fields))
      const following = next ? lines[at + 1] : undefined
      setOpen(following && { id: following.id })
      if (!following) focus(at)
    },
    onLeave: fields => {
      onChange(before => changeLine(before, at, fields))
      setOpen(now => (now?.id === lines[at]!.id ? undefined : now))
      focusIfLost(at)
    },
    onSplit: (fields, caret) =>
      onChange(before => {
        const after = splitLine(changeLine(before, at, fields), at, caret)
        setOpen({ id: after.lines[at + 1]!.id, caret: 0 })
        return after
      }),
    onJoin: (fields, by) =>
      onChange(before => {
        const changed = changeLine(before, at, fields)
        const upper = by === 1 ? at : at - 1
        const caret = changed.lines[upper]!.text.trim().length
        setOpen({ id: changed.lines[upper]!.id, caret })
        return mergeWithNext(changed, upper)
      }),
  })
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys move among the buttons within
    <div ref={list} class="lines" onKeyDown={moveAlong}>
      {sliceStarts(shown).map(from => (
        <EditorLines
          key={from}
          {...{ from, base, lines, colours, formOf }}
          open={index >= from && index < from + SLICE_LINES ? index : undefined}
          onChoose={choose}
        />
      ))}
    </div>
  )
}

/** Ends the editing of the open line. Its fields then become part of the draft. */
export function commitOpenLine(lines: HTMLElement | null): void {
  const focused = document.activeElement
  if (focused instanceof HTMLElement && focused.closest('.line-form') && lines?.contains(focused))
    focused.blur()
}
