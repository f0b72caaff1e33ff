import { useRef } from 'preact/hooks'
import type { ListedVideo } from '../api/types.ts'
import { progressOf } from '../api/videos.ts'
import { exactTime, percent, relativeTime } from '../format.ts'
import { say } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { memo } from '../parts/memo.ts'
import { SpokenTime } from '../parts/spoken-time.tsx'
import { address } from '../router.ts'
import { Poster } from './poster.tsx'
import { StatusText } from './status-text.tsx'
import { StoryboardPreview, useScrubbing } from './storyboard-preview.tsx'

/** More tags do not fit. */
const MAX_SHOWN_TAGS = 3

interface VideoCardProps {
  readonly video: ListedVideo
  /** From 1. */
  readonly position: number
  /** Whether the Tab key reaches it. */
  readonly isStop: boolean
  readonly isSelected: boolean
  /** Distance from the top of the grid, for a card that is not in its rows. */
  readonly topPx: number | undefined
  readonly onSelect: (range: boolean) => void
  readonly onMenu: (anchor: HTMLElement) => void
}

const COMPARED = ['video', 'position', 'isStop', 'isSelected', 'topPx'] as const

export const VideoCard = memo((props: VideoCardProps) => {
  const { video, position, isStop, isSelected, topPx, onSelect, onMenu } = props
  const { id, title, duration, created_at, tags } = video
  const card = useRef<HTMLLIElement>(null)
  const scrubbing = useScrubbing(video)
  const tabIndex = isStop ? 0 : -1
  return (
    <li
      ref={card}
      class={`card ${isSelected ? 'selected' : ''} ${topPx === undefined ? '' : 'away'}`}
      style={topPx === undefined ? undefined : { top: `${topPx}px` }}
      data-item={topPx === undefined ? '' : undefined}
      data-id={id}
      aria-setsize={-1}
      aria-posinset={position}
      {...scrubbing.handlers}
    >
      <span class="thumb">
        <Poster video={video} />
        {scrubbing.fraction !== undefined && (
          <StoryboardPreview video={video} fraction={scrubbing.fraction} />
        )}
        {duration !== null && (
          <span class="thumb-time">
            <SpokenTime seconds={duration} />
          </span>
        )}
        <ProcessingProgress video={video} />
      </span>
      <div class="card-text">
        <a
          class="card-title"
          href={address(`watch/${id}`)}
          title={title}
          tabIndex={tabIndex}
          data-stop
          aria-keyshortcuts="x Delete"
        >
          {title}
        </a>
        <span class="card-meta">
          <StatusText video={video} />
          <time dateTime={created_at} title={exactTime(created_at)}>
            {relativeTime(created_at)}
          </time>
          {tags.slice(0, MAX_SHOWN_TAGS).map(tag => (
            <a
              key={tag}
              class="card-tag"
              href={address(`?${new URLSearchParams({ tag })}`)}
              tabIndex={-1}
              dir="auto"
            >
              {tag}
            </a>
          ))}
        </span>
      </div>
      <input
        type="checkbox"
        class="card-check"
        aria-label={say('Select {title}', { title })}
        checked={isSelected}
        tabIndex={tabIndex}
        onClick={event => onSelect(event.shiftKey)}
      />
      <IconButton
        label={say('Actions for {title}', { title })}
        title={say('Actions')}
        icon="more"
        class="small card-more"
        tabIndex={tabIndex}
        onClick={() => onMenu(card.current!.querySelector<HTMLElement>('.card-more')!)}
      />
    </li>
  )
}, COMPARED)

function ProcessingProgress({ video }: { video: ListedVideo }) {
  const progress = progressOf(video)
  if (progress === undefined) return null
  return (
    <progress
      class="thumb-progress"
      max={100}
      value={progress}
      aria-label={say('Processing {title}', { title: video.title })}
    >
      {percent(progress)}
    </progress>
  )
}
