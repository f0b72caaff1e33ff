import { useEffect, useState } from 'preact/hooks'
import { messageOf, Problem } from '../api/http.ts'
import type { Tagged, Video } from '../api/types.ts'
import { changeVideo, getVideo } from '../api/videos.ts'
import { languageName } from '../format.ts'
import { Dialog } from '../parts/dialog.tsx'
import {
  changesOf,
  conflictsOf,
  type DetailsConflict,
  detailsOf,
  LANGUAGES,
  merged,
  type VideoDetails,
} from './video-details.ts'

const LABELS: Readonly<Record<keyof VideoDetails, string>> = {
  title: 'Title',
  description: 'Description',
  tags: 'Tags',
  language: 'Language',
}

/** What people say of a video. What somebody else has changed meanwhile is shown beside one's own, and not overwritten unseen. */
export function EditDetails({ video, onClose }: { video: Video; onClose: (changed?: Video) => void }) {
  const [base, setBase] = useState<Tagged<VideoDetails>>({ value: detailsOf(video), tag: null })
  const [details, setDetails] = useState(base.value)
  const [conflicts, setConflicts] = useState<readonly DetailsConflict[]>()
  const [problem, setProblem] = useState<string>()
  const [saving, setSaving] = useState(false)
  const takeOver = ({ value, tag }: Tagged<Video>) => {
    const latest = detailsOf(value)
    setDetails(mine => merged(base.value, mine, latest))
    setBase({ value: latest, tag })
    return conflictsOf(base.value, details, latest)
  }
  useEffect(() => {
    // With the tag, without which nothing is saved, and what has changed since it was last read.
    getVideo(video.id).then(takeOver, error => setProblem(messageOf(error)))
  }, [video.id])
  const save = async () => {
    const changes = changesOf(base.value, details)
    if (Object.keys(changes).length === 0) return onClose()
    setSaving(true)
    setProblem(undefined)
    try {
      return onClose((await changeVideo(video, changes, base.tag)).value)
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) setProblem(messageOf(error))
      else
        await getVideo(video.id).then(
          latest => setConflicts(takeOver(latest)),
          again => setProblem(messageOf(again)),
        )
    }
    setSaving(false)
  }
  const set = (change: Partial<VideoDetails>) => setDetails(before => ({ ...before, ...change }))
  return (
    <Dialog title="Edit details" onClose={() => onClose()}>
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault()
          void save()
        }}
      >
        {conflicts && <Conflicts conflicts={conflicts} details={details} onChoose={set} />}
        <label class="field">
          Title
          <input
            value={details.title}
            required
            maxLength={500}
            pattern=".*\S.*"
            onInput={event => set({ title: event.currentTarget.value })}
          />
        </label>
        <label class="field">
          Description
          <textarea
            rows={4}
            maxLength={10_000}
            value={details.description}
            onInput={event => set({ description: event.currentTarget.value })}
          />
        </label>
        <label class="field">
          Tags
          <input
            value={details.tags}
            placeholder="Separated by commas: team, weekly"
            autocomplete="off"
            onInput={event => set({ tags: event.currentTarget.value })}
          />
        </label>
        <label class="field">
          Language
          <select value={details.language} onChange={event => set({ language: event.currentTarget.value })}>
            <option value="">As it was recognised</option>
            {[...new Set([...LANGUAGES, ...(details.language ? [details.language] : [])])]
              .map(tag => [tag, languageName(tag)] as const)
              .sort(([, one], [, other]) => one.localeCompare(other))
              .map(([tag, name]) => (
                <option key={tag} value={tag}>
                  {name}
                </option>
              ))}
          </select>
        </label>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => onClose()}>
            Cancel
          </button>
          <button type="submit" class="button primary" aria-disabled={saving || base.tag === null}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function Conflicts({
  conflicts,
  details,
  onChoose,
}: {
  conflicts: readonly DetailsConflict[]
  details: VideoDetails
  onChoose: (chosen: Partial<VideoDetails>) => void
}) {
  const shown = (field: keyof VideoDetails, value: string) =>
    (field === 'language' && value ? languageName(value) : value) || '(nothing)'
  return (
    <div class="conflicts" role="alert">
      <p>
        <b>Somebody else has saved a change meanwhile.</b>{' '}
        {conflicts.length > 0
          ? 'Yours is kept unless you choose otherwise.'
          : 'It does not touch yours: both are in the form now.'}{' '}
        Save when you are content.
      </p>
      {conflicts.map(({ field, mine, theirs }) => (
        <div key={field} class="conflict">
          <span class="conflict-time">{LABELS[field]}</span>
          {(
            [
              ['Yours', mine],
              ['Theirs', theirs],
            ] as const
          ).map(([whose, value]) => (
            <button
              key={whose}
              type="button"
              aria-pressed={details[field] === value}
              onClick={() => onChoose({ [field]: value })}
            >
              <b>{whose}</b> {shown(field, value)}
            </button>
          ))}
        </div>
      ))}
    </div>
  )
}
