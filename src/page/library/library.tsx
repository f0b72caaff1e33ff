import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import './library.css'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { address, location, navigate, takeScroll } from '../router.ts'
import { SearchHits } from './search-hits.tsx'
import { UploadCards } from './upload-cards.tsx'
import { uploads } from './uploads.ts'
import { VideoCard } from './video-card.tsx'
import { hidden, load, loaded, loadMore, type Query, retryLoad } from './videos-loaded.ts'
import { watchWork } from './watch-work.ts'
import { useRowWindow } from './window-rows.ts'

/** Time without a key after which the search starts. */
const TYPING_MS = 200

const SORTS = [
  ['-created_at', 'Newest first'],
  ['created_at', 'Oldest first'],
  ['title', 'By title'],
  ['-duration', 'Longest first'],
  ['-size', 'Largest first'],
] as const

/** Pasted text can contain invisible characters, and more letters than the server searches for. */
const plain = (text: string) =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 500)

export function Library() {
  const { searchParams } = location.value
  const q = plain(searchParams.get('q') ?? '')
  const tag = searchParams.get('tag') ?? ''
  const [sort] = SORTS.find(([value]) => value === searchParams.get('sort')) ?? SORTS[0]
  useEffect(() => void load({ q, tag, sort }), [q, tag, sort])
  useEffect(() => watchWork(), [])
  useEffect(() => {
    document.title = q ? `${q} – Longtake` : 'Longtake'
  }, [q])
  // Videos that were added elsewhere while the tab was hidden.
  useEffect(() => {
    const refresh = () => document.hidden || scrollY > 200 || void load({ q, tag, sort })
    document.addEventListener('visibilitychange', refresh)
    return () => document.removeEventListener('visibilitychange', refresh)
  }, [q, tag, sort])
  return (
    <div class="library">
      <div class="library-bar">
        <h1 class="visually-hidden">Library</h1>
        <SearchBox q={q} onSearch={(value, how) => show({ q: value, tag }, how)} />
        {!q && (
          <label class="select">
            <span class="visually-hidden">Sort</span>
            <select value={sort} onChange={event => show({ tag, sort: event.currentTarget.value })}>
              {SORTS.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
            <Icon name="down" />
          </label>
        )}
        {tag && (
          <button
            type="button"
            class="tag removable"
            aria-label={`Tag ${tag}: show all`}
            onClick={() => show({ q, sort })}
          >
            {tag} <Icon name="close" />
          </button>
        )}
        <a class="button bin-link" href={address('bin')}>
          <Icon name="delete" /> <span>Bin</span>
        </a>
      </div>
      <Results q={q} tag={tag} />
    </div>
  )
}

function show(
  { q = '', tag = '', sort = '-created_at' }: Partial<Query>,
  how: 'push' | 'replace' = 'replace',
): void {
  const query = new URLSearchParams({
    ...(q && { q }),
    ...(tag && { tag }),
    ...(sort !== '-created_at' && !q && { sort }),
  })
  navigate(query.size > 0 ? `?${query}` : '', how)
  scrollTo(0, 0)
}

function SearchBox({ q, onSearch }: { q: string; onSearch: (q: string, how: 'push' | 'replace') => void }) {
  const timer = useRef(0)
  const input = useRef<HTMLInputElement>(null)
  const searched = useRef(q)
  useEffect(() => {
    // Back and the brand link change the query as well. Text that is being typed stays.
    if (q !== searched.current) input.current!.value = q
    searched.current = q
  }, [q])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || (event.target as Element).closest('input, textarea, select, dialog')) return
      event.preventDefault()
      input.current!.focus()
    }
    addEventListener('keydown', onKey)
    return () => {
      clearTimeout(timer.current)
      removeEventListener('keydown', onKey)
    }
  }, [])
  const search = (value: string) => {
    clearTimeout(timer.current)
    searched.current = plain(value)
    onSearch(searched.current, q ? 'replace' : 'push')
  }
  return (
    <search class="search">
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        aria-label="Search titles and what was said"
        placeholder="Search titles and what was said"
        defaultValue={q}
        maxLength={500}
        autocomplete="off"
        onInput={event => {
          const { value } = event.currentTarget
          clearTimeout(timer.current)
          timer.current = window.setTimeout(() => search(value), TYPING_MS)
        }}
        onKeyDown={event => event.key === 'Enter' && search(event.currentTarget.value)}
      />
    </search>
  )
}

function Results({ q, tag }: { q: string; tag: string }) {
  const { items, state, error } = loaded.value
  const shown = items.filter(({ id }) => !hidden.value.has(id))
  const status =
    state === 'loading' || state === 'failed'
      ? ''
      : q
        ? `${shown.length}${state === 'more' ? ' or more' : ''} found`
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
  const { first, end, above, height } = useRowWindow(grid, videos.length)
  const isMeasured = height > 0
  useLayoutEffect(() => {
    if (isMeasured) scrollTo(0, Math.max(scrollY, takeScroll()))
  }, [isMeasured])
  return (
    <ul
      ref={grid}
      class="grid"
      aria-label="Videos"
      style={{ minHeight: `${height}px`, paddingTop: `${above}px` }}
    >
      {videos.slice(first, end).map((video, at) => (
        <VideoCard key={video.id} video={video} position={first + at + 1} />
      ))}
    </ul>
  )
}

/** Loads the next page when its end comes near. */
function More() {
  const end = useRef<HTMLDivElement>(null)
  const { state, items } = loaded.value
  useEffect(() => {
    // A new observer after each page reports again if the end is still near.
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

function NothingYet() {
  return (
    <Notice icon="film" title="No videos yet">
      <p>
        Upload a file, or record your camera, your screen or just your voice. It can be watched, read and
        searched here.
      </p>
      <div class="notice-actions">
        <a class="button primary" href={address('upload')}>
          <Icon name="upload" /> Upload a video
        </a>
        <a class="button" href={address('record')}>
          <Icon name="record" /> Record one
        </a>
      </div>
    </Notice>
  )
}

function NothingFound({ q }: { q: string }) {
  return (
    <Notice icon="search" title={`Nothing found for “${q}”`}>
      <p>Try fewer or other words. Titles, descriptions and everything that was said are searched.</p>
      <a class="button" href={address('')}>
        Show all videos
      </a>
    </Notice>
  )
}
