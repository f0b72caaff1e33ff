import type { BinnedVideo } from '../api/bin.ts'
import { exactTime, relativeTime, size } from '../format.ts'
import { say, sayCount, sayWith } from '../locale/say.ts'
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
        aria-label={say('Select {title}', { title })}
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
              {say(', ')}
            </>
          )}
          {sayWith('{size}, deleted {time}, {left}', {
            size: size(video.size),
            time: (
              <time dateTime={deleted_at} title={exactTime(deleted_at)}>
                {relativeTime(deleted_at)}
              </time>
            ),
            left: timeLeft(permanent_at),
          })}
        </p>
      </div>
      <div class="rows-actions">
        <button
          type="button"
          id={`restore-${id}`}
          class="button"
          aria-label={say('Restore {title}', { title })}
          onClick={() => onRestore(video)}
        >
          <Icon name="undo" /> {say('Restore')}
        </button>
        <button
          type="button"
          class="button quiet-bad"
          aria-label={say('Delete permanently: {title}', { title })}
          onClick={() => onDelete(video)}
        >
          <Icon name="delete" /> {say('Delete permanently')}
        </button>
      </div>
    </li>
  )
}

/** The time for which a video can still be restored. */
function timeLeft(permanentAt: string): string {
  const days = Math.ceil((Date.parse(permanentAt) - Date.now()) / DAY_MS)
  if (days <= 1) return say('less than a day left')
  return sayCount(days, '{count} day left', '{count} days left')
}
