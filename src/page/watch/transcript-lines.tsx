import type { ComponentChildren, RefObject } from 'preact'
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Segment, Video } from '../api/types.ts'
import { FindBar } from './find-bar.tsx'
import { focusLine, lineElement, moveAlong } from './line-elements.ts'
import { LineMenu } from './line-menu.tsx'
import { sliceStarts, useLinesSoFar } from './lines-so-far.ts'
import { ReadableLines } from './readable-lines.tsx'
import { SpeakerPopup } from './speaker-popup.tsx'
import { lineKey, type SpeakerChange, speakerColours } from './speakers.ts'
import { useCurrentLine } from './use-current-line.ts'
import { useFind } from './use-find.ts'

interface TranscriptLinesProps {
  readonly video: Video
  readonly segments: readonly Segment[]
  readonly media: RefObject<HTMLVideoElement>
  readonly onSeek: (seconds: number) => void
  readonly onSpeaker: (change: SpeakerChange) => void
  /** @param line index of the line to edit */
  readonly onEdit: (line: number) => void
  /** Buttons beside the search. */
  readonly children: ComponentChildren
}

/** A menu of a line, or the question for a speaker's name. */
type Opened =
  | { readonly kind: 'menu'; readonly line: number; readonly anchor: HTMLElement }
  | { readonly kind: 'speaker'; readonly line: number; readonly anchor: HTMLElement; readonly all: boolean }

/** Shows the transcript. The current line is highlighted and scrolled into view. A click on a line plays the video from there. */
export function TranscriptLines(props: TranscriptLinesProps) {
  const { video, segments, media, onSeek, onSpeaker, onEdit, children } = props
  const list = useRef<HTMLDivElement>(null)
  const shown = useLinesSoFar(segments.length)
  const onScroll = useCurrentLine({ segments, media, list, shown })
  const finding = useFind({ segments, list, shown, isExact: false })
  const colours = useMemo(() => speakerColours(segments), [segments])
  const [opened, setOpened] = useState<Opened>()
  const line = opened && segments[opened.line]
  const close = () => setOpened(now => (now === opened ? undefined : now))
  const last = useRef<Opened>()
  if (opened) last.current = opened
  useLayoutEffect(() => {
    // A new name can remove the button that had the focus, because consecutive lines of one speaker have one name.
    if (last.current && !last.current.anchor.isConnected && document.activeElement === document.body) {
      const line = lineElement(list.current!, last.current.line)
      if (line) focusLine(line)
    }
  }, [segments])
  return (
    <>
      <div class="transcript-head">
        <FindBar {...finding} />
        {children}
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys move among the buttons within */}
      <div ref={list} class="lines" onWheel={onScroll} onTouchMove={onScroll} onKeyDown={moveAlong}>
        {sliceStarts(shown).map(from => (
          <ReadableLines
            key={from}
            {...{ segments, from, colours, onSeek }}
            onMenu={(line, anchor) => setOpened({ kind: 'menu', line, anchor })}
            onSpeaker={(line, anchor) => setOpened({ kind: 'speaker', line, anchor, all: true })}
          />
        ))}
      </div>
      {line && opened.kind === 'menu' && (
        <LineMenu
          {...{ video, line, onSeek }}
          anchor={opened.anchor}
          onSpeaker={() => setOpened({ ...opened, kind: 'speaker', all: false })}
          onEdit={() => onEdit(opened.line)}
          onClose={close}
        />
      )}
      {line && opened.kind === 'speaker' && (
        <SpeakerPopup
          anchor={opened.anchor}
          name={line.speaker}
          names={[...colours.keys()]}
          count={opened.all ? segments.filter(({ speaker }) => speaker === line.speaker).length : 1}
          onChoose={to =>
            onSpeaker({ from: line.speaker, to, only: opened.all ? undefined : new Set([lineKey(line)]) })
          }
          onClose={close}
        />
      )}
    </>
  )
}
