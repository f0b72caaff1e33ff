import type { BinnedVideo } from '../api/bin.ts'
import { exactTime, number, relativeTime, size } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { SpokenTime } from '../parts/spoken-time.tsx'

const DAY_MS = 86_400_000

interface BinRowProps {
  readonly video: BinnedVideo
  readonly isSelected: boolean
  readonly onSelect: (isSelected: boolean) => void
  readonly onRestore: (video: BinnedVideo) => void
  readonly onDelete: (video: BinnedVideo) => void
}

export function BinRow({ video, isSelected, onSelect, onRestore, onDelete }: BinRowProps) {
  const { id, title, duration, deleted_at, permanent_at, links } = video
  return (
    <li class="row">
      <input
        type="checkbox"
        class="bin-check"
        aria-label={`Select ${title}`}
        checked={isSelected}
        onChange={event => onSelect(event.currentTarget.checked)}
      />
      <span class="bin-picture">
        {links.poster_small ? (
          <img src={links.poster_small} alt="" loading="lazy" decoding="async" />
        ) : (
          <Icon name="film" />
        )}
      </span>
      <div class="rows-about">
        <h2>{title}</h2>
        <p>
          {duration !== null && (
            <>
              <SpokenTime seconds={duration} />
              {', '}
            </>
          )}
          {size(video.size)}, deleted{' '}
          <time dateTime={deleted_at} title={exactTime(deleted_at)}>
            {relativeTime(deleted_at)}
          </time>
          , {timeLeft(permanent_at)}
        </p>
      </div>
      <div class="rows-actions">
        <button
          type="button"
          id={`restore-${id}`}
          class="button"
          aria-label={`Restore ${title}`}
          onClick={() => onRestore(video)}
        >
          <Icon name="undo" /> Restore
        </button>
        <button
          type="button"
          class="button quiet-bad"
          aria-label={`Delete permanently: ${title}`}
          onClick={() => onDelete(video)}
        >
          <Icon name="delete" /> Delete permanently
        </button>
      </div>
    </li>
  )
}

/** The time for which a video can still be restored. */
function timeLeft(permanentAt: string): string {
  const days = Math.ceil((Date.parse(permanentAt) - Date.now()) / DAY_MS)
  if (days <= 1) return 'less than a day left'
  return `${number(days)} days left`
}
