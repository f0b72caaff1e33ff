import { useEffect, useRef, useState } from 'preact/hooks'
import '../parts/rows.css'
import './bin.css'
import { type BinnedVideo, binDays, deleteForGood, emptyBin } from '../api/bin.ts'
import { messageOf } from '../api/http.ts'
import { size } from '../format.ts'
import { restore } from '../library/deletion.ts'
import { say, sayCount } from '../locale/say.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { toast } from '../parts/toasts.tsx'
import { address } from '../router.ts'
import { BinRow } from './bin-row.tsx'
import { useBin } from './use-bin.ts'

const ERROR_S = 10

/** The deleted videos. Each can be restored or deleted permanently. */
export function BinView() {
  const { items, videos, bytes, state, error, load, more, remove } = useBin()
  const [days, setDays] = useState<number>()
  const [toDelete, setToDelete] = useState<BinnedVideo | 'all'>()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const chosen = items.filter(({ id }) => selected.has(id))
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${say('Bin')} – Longtake`
    binDays().then(setDays, () => {})
  }, [])

  /** Removes videos from the list, and moves the focus to the next one. */
  const removeRows = (gone: readonly BinnedVideo[]) => {
    const at = items.findIndex(video => gone.includes(video))
    const rest = items.filter(video => !gone.includes(video))
    const next = rest[Math.min(at, rest.length - 1)]
    remove(gone)
    queueMicrotask(() => (document.getElementById(`restore-${next?.id}`) ?? heading.current)?.focus())
  }
  const run = async (failure: string, work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      toast(`${failure} ${messageOf(error)}`, { seconds: ERROR_S })
      load()
    }
  }
  const onRestore = (videos: readonly BinnedVideo[]) =>
    run(
      videos.length === 1
        ? say('The video could not be restored.')
        : say('Not all videos could be restored.'),
      async () => {
        await restore(videos.map(({ id }) => id))
        removeRows(videos)
        toast(
          sayCount(videos.length, '“{title}” restored.', '{count} videos restored.', {
            title: videos[0]!.title,
          }),
        )
      },
    )
  const onSelect = (ids: readonly string[], isSelected: boolean) => {
    const others = [...selected].filter(id => !ids.includes(id))
    setSelected(new Set(isSelected ? [...others, ...ids] : others))
  }
  const onDelete = () => {
    const what = toDelete!
    setToDelete(undefined)
    if (what === 'all')
      return run(say('The bin could not be emptied.'), async () => {
        await emptyBin()
        load()
        heading.current?.focus()
        toast(say('Bin emptied.'))
      })
    return run(say('The video could not be deleted.'), async () => {
      await deleteForGood(what.id)
      removeRows([what])
      toast(say('“{title}” deleted permanently.', { title: what.title }))
    })
  }
  return (
    <div class="rows" aria-busy={state === 'loading'}>
      <div class="rows-head">
        <h1 ref={heading} tabIndex={-1}>
          {say('Bin')}
        </h1>
        {items.length > 0 && (
          <button type="button" class="button quiet-bad" onClick={() => setToDelete('all')}>
            <Icon name="delete" /> {say('Empty the bin')}
          </button>
        )}
      </div>
      {items.length > 0 && (
        <p>
          {sayCount(videos, 'One video uses {size}.', '{count} videos use {size}.', { size: size(bytes) })}{' '}
          {days
            ? sayCount(
                days,
                'Deleted videos stay here for {count} day and count towards your storage.',
                'Deleted videos stay here for {count} days and count towards your storage.',
              )
            : say('Deleted videos stay here for a while and count towards your storage.')}
        </p>
      )}
      {items.length > 0 && (
        <div class="bin-tools">
          <label class="check">
            <input
              type="checkbox"
              checked={chosen.length === items.length}
              onChange={event =>
                onSelect(
                  items.map(({ id }) => id),
                  event.currentTarget.checked,
                )
              }
            />
            {chosen.length > 0
              ? sayCount(chosen.length, '{count} selected', '{count} selected')
              : say('Select all')}
          </label>
          {chosen.length > 0 && (
            <button type="button" class="button small" onClick={() => onRestore(chosen)}>
              <Icon name="undo" /> {say('Restore the selected')}
            </button>
          )}
        </div>
      )}
      {items.length > 0 && (
        <ul class="rows-list" aria-label={say('Deleted videos')}>
          {items.map(video => (
            <BinRow
              key={video.id}
              video={video}
              isSelected={selected.has(video.id)}
              onSelect={isSelected => onSelect([video.id], isSelected)}
              onRestore={() => onRestore([video])}
              onDelete={setToDelete}
            />
          ))}
        </ul>
      )}
      {state === 'more' && (
        <div class="rows-more">
          <button type="button" class="button" onClick={more}>
            {say('Show more')}
          </button>
        </div>
      )}
      {state === 'end' && items.length === 0 && <EmptyNotice days={days} />}
      {state === 'failed' && (
        <Notice icon="warning" title={say('The bin could not be loaded')} alert>
          <p>{error}</p>
          <button type="button" class="button" onClick={load}>
            <Icon name="retry" /> {say('Try again')}
          </button>
        </Notice>
      )}
      {toDelete && (
        <Confirm
          question={
            toDelete !== 'all'
              ? say('Permanently delete “{title}”?', { title: toDelete.title })
              : sayCount(
                  videos,
                  'Permanently delete the video in the bin?',
                  'Permanently delete all {count} videos in the bin?',
                )
          }
          onYes={onDelete}
          onNo={() => setToDelete(undefined)}
        />
      )}
    </div>
  )
}

function EmptyNotice({ days }: { days: number | undefined }) {
  return (
    <Notice icon="delete" title={say('The bin is empty')}>
      <p>
        {days === 0
          ? say('This server has no bin. It deletes videos permanently, at once.')
          : say('Videos that you delete appear here, and you can restore them.')}
      </p>
      <a class="button" href={address('')}>
        {say('Go to the library')}
      </a>
    </Notice>
  )
}

function Confirm({ question, onYes, onNo }: { question: string; onYes: () => void; onNo: () => void }) {
  return (
    <Dialog title={question} onClose={onNo}>
      <p>{say('This frees the storage space and cannot be undone.')}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onNo}>
          {say('Keep')}
        </button>
        <button type="button" class="button quiet-bad" onClick={onYes}>
          {say('Delete permanently')}
        </button>
      </div>
    </Dialog>
  )
}
