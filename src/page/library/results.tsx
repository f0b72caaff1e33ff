import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { takeScroll } from '../router.ts'
import { NothingFound, NothingYet } from './no-videos.tsx'
import { SearchHits } from './search-hits.tsx'
import { UploadCards } from './upload-cards.tsx'
import { uploads } from './uploads.ts'
import { VideoCard } from './video-card.tsx'
import { hidden, loaded, loadMore, retryLoad } from './videos-loaded.ts'
import { useRowWindow } from './window-rows.ts'

/** The videos of a query, or the reason why none are shown. */
export function Results({ q, tag }: { q: string; tag: string }) {
  const { items, state, error } = loaded.value
  const shown = items.filter(({ id }) => !hidden.value.has(id))
  const status =
    state === 'loading' || state === 'failed'
      ? ''
      : q
        ? `${shown.length}${state === 'more' ? ' or more' : ''} videos found`
        : ''
  return (
    <>
      <p class="visually-hidden" role="status">
        {status}
      </p>
      {!q && !tag && <UploadCards />}
      {shown.length > 0 && (q ? <SearchHits videos={shown} q={q} /> : <Grid />)}
      {state === 'failed' && (
        <Notice icon="warning" title="The videos could not be loaded" alert>
          <p>{error}</p>
          <button type="button" class="button" onClick={() => void retryLoad()}>
            <Icon name="retry" /> Try again
          </button>
        </Notice>
      )}
      {state === 'loading' && shown.length === 0 && <Skeletons />}
      {state === 'end' &&
        shown.length === 0 &&
        (q || tag ? <NothingFound q={q || tag} /> : uploads.value.length === 0 && <NothingYet />)}
      <More />
    </>
  )
}

function Grid() {
  const videos = loaded.value.items.filter(({ id }) => !hidden.value.has(id))
  const grid = useRef<HTMLUListElement>(null)
  const { first, end, abovePx, heightPx } = useRowWindow(grid, videos.length)
  const isMeasured = heightPx > 0
  useLayoutEffect(() => {
    if (isMeasured) scrollTo(0, Math.max(scrollY, takeScroll()))
  }, [isMeasured])
  return (
    <ul
      ref={grid}
      class="grid"
      aria-label="Videos"
      style={{ minHeight: `${heightPx}px`, paddingTop: `${abovePx}px` }}
    >
      {videos.slice(first, end).map((video, at) => (
        <VideoCard key={video.id} video={video} position={first + at + 1} />
      ))}
    </ul>
  )
}

/** Loads the next page when the end of the list comes near. */
function More() {
  const end = useRef<HTMLDivElement>(null)
  const { state, items } = loaded.value
  useEffect(() => {
    // A new observer after each page fires again if the end is still near.
    const observer = new IntersectionObserver(([entry]) => entry!.isIntersecting && void loadMore(), {
      rootMargin: '1200px',
    })
    observer.observe(end.current!)
    return () => observer.disconnect()
  }, [state, items.length])
  return (
    <div ref={end} class="more" aria-busy={state === 'loading'}>
      {state === 'loading' && items.length > 0 && <span class="spinner" />}
    </div>
  )
}

function Skeletons() {
  return (
    <div class="grid" role="status" aria-label="Loading the videos">
      {Array.from({ length: 8 }, (_, at) => (
        <div key={at} class="card skeleton" aria-hidden="true">
          <span class="thumb" />
          <div class="card-text">
            <span class="line" />
            <span class="line short" />
          </div>
        </div>
      ))}
    </div>
  )
}
