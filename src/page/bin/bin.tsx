import { useEffect, useRef, useState } from 'preact/hooks'
import '../parts/rows.css'
import './bin.css'
import { type BinnedVideo, binDays, deleteForGood, emptyBin } from '../api/bin.ts'
import { messageOf } from '../api/http.ts'
import { number, size } from '../format.ts'
import { restore } from '../library/deletion.ts'
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
    document.title = 'Bin – Longtake'
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
      videos.length === 1 ? 'The video could not be restored.' : 'Not all videos could be restored.',
      async () => {
        await restore(videos.map(({ id }) => id))
        removeRows(videos)
        toast(
          videos.length === 1
            ? `“${videos[0]!.title}” restored.`
            : `${number(videos.length)} videos restored.`,
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
      return run('The bin could not be emptied.', async () => {
        await emptyBin()
        load()
        heading.current?.focus()
        toast('Bin emptied.')
      })
    return run('The video could not be deleted.', async () => {
      await deleteForGood(what.id)
      removeRows([what])
      toast(`“${what.title}” deleted permanently.`)
    })
  }
  return (
    <div class="rows" aria-busy={state === 'loading'}>
      <div class="rows-head">
        <h1 ref={heading} tabIndex={-1}>
          Bin
        </h1>
        {items.length > 0 && (
          <button type="button" class="button quiet-bad" onClick={() => setToDelete('all')}>
            <Icon name="delete" /> Empty the bin
          </button>
        )}
      </div>
      {items.length > 0 && (
        <p>
          {videos === 1 ? 'One video uses' : `${number(videos)} videos use`} {size(bytes)}. Deleted videos
          stay here {days ? `for ${number(days)} ${days === 1 ? 'day' : 'days'}` : 'for a while'} and count
          towards your storage.
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
            {chosen.length > 0 ? `${number(chosen.length)} selected` : 'Select all'}
          </label>
          {chosen.length > 0 && (
            <button type="button" class="button small" onClick={() => onRestore(chosen)}>
              <Icon name="undo" /> Restore the selected
            </button>
          )}
        </div>
      )}
      {items.length > 0 && (
        <ul class="rows-list" aria-label="Deleted videos">
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
            Show more
          </button>
        </div>
      )}
      {state === 'end' && items.length === 0 && <EmptyNotice days={days} />}
      {state === 'failed' && (
        <Notice icon="warning" title="The bin could not be loaded" alert>
          <p>{error}</p>
          <button type="button" class="button" onClick={load}>
            <Icon name="retry" /> Try again
          </button>
        </Notice>
      )}
      {toDelete && (
        <Confirm
          question={
            toDelete !== 'all'
              ? `Permanently delete “${toDelete.title}”?`
              : videos === 1
                ? 'Permanently delete the video in the bin?'
                : `Permanently delete all ${number(videos)} videos in the bin?`
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
    <Notice icon="delete" title="The bin is empty">
      <p>
        {days === 0
          ? 'This server has no bin. It deletes videos permanently, at once.'
          : 'Videos that you delete appear here, and you can restore them.'}
      </p>
      <a class="button" href={address('')}>
        Go to the library
      </a>
    </Notice>
  )
}

function Confirm({ question, onYes, onNo }: { question: string; onYes: () => void; onNo: () => void }) {
  return (
    <Dialog title={question} onClose={onNo}>
      <p>This frees the storage space and cannot be undone.</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onNo}>
          Keep
        </button>
        <button type="button" class="button quiet-bad" onClick={onYes}>
          Delete permanently
        </button>
      </div>
    </Dialog>
  )
}
