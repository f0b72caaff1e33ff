import { useEffect, useRef } from 'preact/hooks'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { Attention, VideosWithFaults } from './attention.tsx'
import { type Filters, isFiltered } from './filters.ts'
import { NothingFound, NothingYet } from './no-videos.tsx'
import { SearchHits } from './search-hits.tsx'
import { UploadCards } from './upload-cards.tsx'
import { uploads, uploadsKnown } from './uploads.ts'
import { VideoGrid } from './video-grid.tsx'
import { attention, hidden, loaded, loadMore, retryLoad } from './videos-loaded.ts'

/** The videos that the filters select, or the reason why none are shown. */
export function Results({ filters }: { filters: Filters }) {
  const { items, state, error } = loaded.value
  const shown = items.filter(({ id }) => !hidden.value.has(id))
  const isPlain = !filters.q && !isFiltered(filters)
  const isWaiting = state !== 'failed' && isPlain && !uploadsKnown.value
  if (isWaiting) return <Skeletons />
  const isEmpty = state === 'end' && shown.length === 0
  const hasOthers = isPlain && (uploads.value.length > 0 || attention.value.items.length > 0)
  return (
    <>
      {isPlain && <UploadCards />}
      {isPlain && (state !== 'loading' || shown.length > 0) && <Attention />}
      {shown.length > 0 && <Videos filters={filters} />}
      {state === 'failed' && (
        <Notice icon="warning" title={say('The videos could not be loaded')} alert>
          <p>{error}</p>
          <button type="button" class="button" onClick={() => void retryLoad()}>
            <Icon name="retry" /> {say('Try again')}
          </button>
        </Notice>
      )}
      {state === 'loading' && shown.length === 0 && <Skeletons />}
      {isEmpty && !isPlain && <NothingFound filters={filters} />}
      {isEmpty && isPlain && !hasOthers && <NothingYet />}
      <More />
    </>
  )
}

function Videos({ filters }: { filters: Filters }) {
  const videos = loaded.value.items.filter(({ id }) => !hidden.value.has(id))
  if (filters.q) return <SearchHits videos={videos} q={filters.q} />
  if (filters.status === 'attention') return <VideosWithFaults videos={videos} />
  return <VideoGrid videos={videos} />
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
    <div class="grid" role="status" aria-label={say('Loading the videos')}>
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
