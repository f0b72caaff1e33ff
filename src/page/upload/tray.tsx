import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { checkConnection, connectionProblem } from '../api/connection.ts'
import { say } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { Icon } from '../parts/icons.tsx'
import { headlineOf, isUploaded } from './item.ts'
import { announcement, ids, itemOf, summary } from './queue.ts'
import { removeComplete } from './sending.ts'
import { TrayRow } from './tray-row.tsx'
import { chooseFiles, isTrayOpen, isTrayShown, pendingCount } from './tray-state.ts'

/** Rows above and below the visible ones that are rendered in advance. */
const MARGIN_ROWS = 3

/** The queue of this tab's uploads. It stays while the views change. */
export function Tray() {
  const isOpen = isTrayOpen.value
  const { total, uploaded } = summary.value
  const expected = total + pendingCount.value
  return (
    <section
      class={isOpen ? (expected > 0 ? 'tray' : 'tray unused') : 'tray collapsed'}
      style={{ '--rows': expected }}
      aria-label={say('Uploads')}
      tabIndex={-1}
    >
      <header class="tray-head">
        <Headline />
        <IconButton
          label={say('Add files')}
          title={say('Add files')}
          icon="plus"
          class="small"
          onClick={chooseFiles}
        />
        <button
          type="button"
          class="icon-button small"
          aria-label={isOpen ? say('Hide the list') : say('Show the list')}
          title={isOpen ? say('Hide the list') : say('Show the list')}
          aria-expanded={isOpen}
          onClick={() => {
            isTrayOpen.value = !isOpen
          }}
        >
          <Icon name={isOpen ? 'down' : 'up'} />
        </button>
        {total === uploaded && (
          <IconButton label={say('Close')} title={say('Close')} icon="close" class="small" onClick={close} />
        )}
      </header>
      <p class="visually-hidden" role="status">
        {announcement.value}
      </p>
      {isOpen && (total > 0 ? <Rows /> : expected === 0 && <Empty />)}
    </section>
  )
}

function Headline() {
  const state = summary.value
  const problem = connectionProblem.value
  return (
    <div class="tray-headline">
      <h2>{headlineOf(state, !problem)}</h2>
      {!problem && state.active + state.paused > 0 && (
        <progress max={100} value={state.percent} aria-label={say('All uploads')} />
      )}
      {/* Always in the document, so that screen readers announce the text. */}
      <p class="tray-problem" role="status">
        {problem && (
          <>
            {problem}{' '}
            <button type="button" class="link" onClick={() => void checkConnection()}>
              {say('Try now')}
            </button>
          </>
        )}
      </p>
    </div>
  )
}

function Empty() {
  return (
    <div class="tray-empty">
      <p>{say('Drop video or audio files anywhere in this page.')}</p>
      <button type="button" class="button primary" onClick={chooseFiles}>
        <Icon name="upload" /> {say('Choose files')}
      </button>
    </div>
  )
}

/** Only the visible rows are in the document, so hundreds of files cost no more than a few. */
function Rows() {
  const list = useRef<HTMLUListElement>(null)
  const all = ids.value
  const [[first, end], setRange] = useState<readonly [number, number]>([0, 12])
  const measure = () => {
    const { scrollTop, clientHeight, scrollHeight } = list.current!
    const rowPx = scrollHeight / Math.max(1, all.length)
    const from = Math.max(0, Math.floor(scrollTop / rowPx) - MARGIN_ROWS)
    const to = Math.ceil((scrollTop + clientHeight) / rowPx) + MARGIN_ROWS
    setRange(before => (before[0] === from && before[1] === to ? before : [from, to]))
  }
  useLayoutEffect(measure, [all.length])
  useFollowActive(list)
  return (
    <ul ref={list} class="tray-rows" aria-label={say('Files')} onScroll={measure}>
      <li class="tray-space" aria-hidden="true" style={{ height: `calc(${first} * var(--row))` }} />
      {all.slice(first, end).map((id, at) => (
        <TrayRow key={id} id={id} position={first + at + 1} total={all.length} />
      ))}
      <li
        class="tray-space"
        aria-hidden="true"
        style={{ height: `calc(${Math.max(0, all.length - end)} * var(--row))` }}
      />
    </ul>
  )
}

/** Scrolls to the upload that runs, unless the user is in the list. */
function useFollowActive(list: { current: HTMLUListElement | null }): void {
  const { uploaded } = summary.value
  useEffect(() => {
    const element = list.current!
    if (element.matches(':hover, :focus-within')) return
    const at = ids.value.findIndex(id => !isUploaded(itemOf(id)!.value))
    const rowPx = element.scrollHeight / Math.max(1, ids.value.length)
    if (at > 0) element.scrollTop = (at - 1) * rowPx
  }, [uploaded, list])
}

function close(): void {
  isTrayShown.value = false
  removeComplete()
  document.querySelector<HTMLElement>('.new')?.focus()
}
