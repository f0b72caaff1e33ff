import { useEffect, useRef } from 'preact/hooks'
import { connectionProblem } from '../api/connection.ts'
import { say } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { Icon } from '../parts/icons.tsx'
import { memo } from '../parts/memo.ts'
import { toast } from '../parts/toasts.tsx'
import { address } from '../router.ts'
import { cancel } from './cancelling.ts'
import { frameOf, releaseFrame } from './first-frame.ts'
import { doneBytes, type Item, isFinished, isUploaded, sentenceOf } from './item.ts'
import { itemOf } from './queue.ts'
import { hold, remove, rename, resume } from './sending.ts'
import { chooseFiles } from './tray-state.ts'
import { uppy } from './uppy.ts'

interface TrayRowProps {
  readonly id: string
  readonly position: number
  readonly total: number
}

/** A file in the queue. It renders again only if its own state changes. */
export const TrayRow = memo(({ id, position, total }: TrayRowProps) => {
  const item = itemOf(id)?.value
  if (!item) return null
  const { title, phase, sizeBytes } = item
  return (
    <li class={`tray-row ${phase}`} aria-setsize={total} aria-posinset={position} data-file={id}>
      <Picture item={item} />
      <div class="tray-text">
        <TitleField item={item} />
        <Sentence item={item} />
      </div>
      <div class="tray-actions">
        <Actions item={item} />
      </div>
      {!isUploaded(item) && (
        <progress
          max={Math.max(1, sizeBytes)}
          value={doneBytes(item)}
          aria-label={say('Upload of {title}', { title })}
        />
      )}
    </li>
  )
})

/** Enter and leaving the field save the title, Escape restores it. */
function TitleField({ item: { id, name, title } }: { item: Item }) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // Text that is being typed is not replaced.
    if (document.activeElement !== input.current) input.current!.value = title
  }, [title])
  const save = () => {
    const value = input.current!.value.trim()
    if (value && value !== title) rename(id, value)
    else input.current!.value = title
  }
  return (
    <input
      ref={input}
      class="tray-title"
      dir="auto"
      aria-label={say('Title of {name}', { name })}
      defaultValue={title}
      maxLength={500}
      autocomplete="off"
      onBlur={save}
      onKeyDown={({ key, currentTarget }) => {
        if (key === 'Escape') currentTarget.value = title
        if (key === 'Enter') save()
      }}
    />
  )
}

function Sentence({ item }: { item: Item }) {
  const text = sentenceOf(item, !connectionProblem.value)
  return (
    <p class="tray-sentence" title={item.problem}>
      {text}
      {item.phase === 'ready' && (
        <>
          {'. '}
          <button
            type="button"
            class="link"
            aria-label={say('Copy link: {title}', { title: item.title })}
            onClick={() => void copyLink(item)}
          >
            {say('Copy link')}
          </button>
        </>
      )}
      {item.phase === 'choose' && (
        <>
          {'. '}
          <button
            type="button"
            class="link"
            aria-label={say('Choose the file again: {name}', { name: item.name })}
            onClick={chooseFiles}
          >
            {say('Choose the file again')}
          </button>
        </>
      )}
    </p>
  )
}

async function copyLink({ videoId }: Item): Promise<void> {
  const link = address(`watch/${videoId}`)
  try {
    await navigator.clipboard.writeText(link)
    toast(say('Link copied.'))
  } catch {
    toast(say('The browser does not allow copying. The link is {link}', { link }), { seconds: 12 })
  }
}

/** The first frame of the file, which leads to the video once it exists. */
function Picture({ item }: { item: Item }) {
  const { id, isSound, videoId, title } = item
  const file = uppy.getFile(id)?.data as Blob | undefined
  useEffect(() => () => releaseFrame(id), [id])
  const url = file && !isSound ? frameOf(id, file).value : undefined
  const content = url ? <img src={url} alt="" /> : <Icon name={isSound ? 'sound' : 'film'} />
  if (!videoId) return <span class="tray-picture">{content}</span>
  return (
    <a class="tray-picture" href={address(`watch/${videoId}`)} aria-label={say('Watch {title}', { title })}>
      {content}
    </a>
  )
}

function Actions({ item }: { item: Item }) {
  const { id, title, phase } = item
  const onCancel = () => cancel(id, () => focusRow(id))
  return (
    <>
      {(phase === 'uploading' || phase === 'queued') && (
        <IconButton
          label={say('Pause {title}', { title })}
          title={say('Pause')}
          icon="pause"
          class="small"
          onClick={() => hold(id)}
        />
      )}
      {phase === 'paused' && (
        <IconButton
          label={say('Resume {title}', { title })}
          title={say('Resume')}
          icon="play"
          class="small"
          onClick={() => resume(id)}
        />
      )}
      {phase === 'failed' && (
        <IconButton
          label={say('Try {title} again', { title })}
          title={say('Try again')}
          icon="retry"
          class="small"
          onClick={() => resume(id)}
        />
      )}
      {isFinished(item) || phase === 'processing' ? (
        <IconButton
          label={say('Remove {title} from this list', { title })}
          title={say('Remove from this list')}
          icon="close"
          class="small"
          onClick={() => void remove(id)}
        />
      ) : (
        <IconButton
          label={say('Cancel {title}', { title })}
          title={say('Cancel')}
          icon="close"
          class="small"
          onClick={onCancel}
        />
      )}
    </>
  )
}

/** Moves the focus to a row that is back after Undo. */
function focusRow(id: string): void {
  requestAnimationFrame(() => {
    const row = document.querySelector<HTMLElement>(`[data-file="${CSS.escape(id)}"]`)
    row?.querySelector<HTMLElement>('.tray-actions button')?.focus()
  })
}
