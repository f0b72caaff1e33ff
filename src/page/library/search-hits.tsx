import { useRef } from 'preact/hooks'
import type { ListedVideo, Moment } from '../api/types.ts'
import { clock, exactTime, relativeTime } from '../format.ts'
import { say } from '../locale/say.ts'
import { memo } from '../parts/memo.ts'
import type { Thumbnail } from '../parts/storyboard.ts'
import { address } from '../router.ts'
import { Poster } from './poster.tsx'
import { StatusText } from './status-text.tsx'
import { Frame, useStoryboard } from './storyboard-preview.tsx'
import { useRovingFocus } from './use-roving-focus.ts'

/** The results of a search: videos, and the moments at which the words are spoken. Arrow keys move among all of them. */
export function SearchHits({ videos, q }: { videos: readonly ListedVideo[]; q: string }) {
  const list = useRef<HTMLUListElement>(null)
  const ids = videos.flatMap(video => [
    video.id,
    ...(video.moments ?? []).map(moment => momentId(video, moment)),
  ])
  const focus = useRovingFocus(list, ids, { columns: 1, rowPx: 0 })
  const stop = ids[focus.index]
  return (
    <ul
      ref={list}
      class="hits"
      data-results
      aria-label={say('Results for {q}', { q })}
      onKeyDown={event => {
        if (event.key === 'ArrowUp' && focus.index === 0) return focusSearch(event)
        focus.onKeyDown(event)
      }}
      onFocusIn={focus.onFocusIn}
      onFocusOut={focus.onFocusOut}
    >
      {videos.map(video => (
        <SearchHit key={video.id} video={video} q={q} stop={stop?.startsWith(video.id) ? stop : undefined} />
      ))}
    </ul>
  )
}

const momentId = ({ id }: ListedVideo, { start }: Moment) => `${id}:${start}`

function focusSearch(event: KeyboardEvent): void {
  event.preventDefault()
  document.querySelector<HTMLElement>('.search input')!.focus()
}

interface SearchHitProps {
  readonly video: ListedVideo
  readonly q: string
  /** The id of the part of it that the Tab key reaches. */
  readonly stop: string | undefined
}

const SearchHit = memo(({ video, q, stop }: SearchHitProps) => {
  const { id, title, duration, created_at, moments, found, tags } = video
  const thumbnails = useStoryboard(moments?.length ? video : NO_STORYBOARD)
  return (
    <li class="hit" data-id={id}>
      <span class="thumb">
        <Poster video={video} />
        {duration !== null && <span class="thumb-time">{clock(duration)}</span>}
      </span>
      <div class="hit-body">
        <a
          class="hit-title"
          href={address(`watch/${id}?${new URLSearchParams({ q })}`)}
          tabIndex={stop === id ? 0 : -1}
          data-stop
        >
          <Marked parts={found?.title.length ? found.title : [{ text: title, hit: false }]} />
        </a>
        <span class="card-meta">
          <StatusText video={video} />
          <time dateTime={created_at} title={exactTime(created_at)}>
            {relativeTime(created_at)}
          </time>
          {tags.slice(0, 3).map(tag => (
            <span key={tag} class="card-tag" dir="auto">
              {tag}
            </span>
          ))}
        </span>
        {found && found.description.length > 0 && (
          <p class="hit-description">
            <Marked parts={found.description} />
          </p>
        )}
      </div>
      {moments && moments.length > 0 && (
        <ul class="moments" aria-label={say('Moments in {title}', { title })}>
          {moments.map(moment => (
            <li key={moment.start} data-id={momentId(video, moment)}>
              <MomentLink
                video={video}
                moment={moment}
                q={q}
                thumbnails={thumbnails}
                isStop={stop === momentId(video, moment)}
              />
            </li>
          ))}
        </ul>
      )}
    </li>
  )
})

const NO_STORYBOARD = { links: { storyboard: null, storyboard_vtt: null } as ListedVideo['links'] }

interface MomentLinkProps {
  readonly video: ListedVideo
  readonly moment: Moment
  readonly q: string
  readonly thumbnails: readonly Thumbnail[] | undefined
  readonly isStop: boolean
}

function MomentLink({ video, moment, q, thumbnails, isStop }: MomentLinkProps) {
  const { start, snippet } = moment
  const query = new URLSearchParams({ q, t: String(start) })
  return (
    <a class="moment" href={address(`watch/${video.id}?${query}`)} tabIndex={isStop ? 0 : -1} data-stop>
      <span class={video.links.storyboard_vtt ? 'moment-frame' : 'moment-sound'}>
        {thumbnails && thumbnails.length > 0 && <Frame thumbnails={thumbnails} seconds={start} />}
        <span class="moment-time">{clock(start)}</span>
      </span>
      <span>
        <Marked parts={snippet} />
      </span>
    </a>
  )
}

function Marked({ parts }: { parts: Moment['snippet'] }) {
  return <>{parts.map(({ text, hit }, at) => (hit ? <mark key={at}>{text}</mark> : text))}</>
}
