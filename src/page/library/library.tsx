import { useEffect } from 'preact/hooks'
import './library.css'
import './search-hits.css'
import { Icon } from '../parts/icons.tsx'
import { address, location, navigate } from '../router.ts'
import { followProgress } from './follow-progress.ts'
import { Results } from './results.tsx'
import { cleanQuery, SearchBox } from './search-box.tsx'
import { load, type Query } from './videos-loaded.ts'

const SORTS = [
  ['-created_at', 'Newest first'],
  ['created_at', 'Oldest first'],
  ['title', 'By title'],
  ['-duration', 'Longest first'],
  ['-size', 'Largest first'],
] as const

export function Library() {
  const { searchParams } = location.value
  const q = cleanQuery(searchParams.get('q') ?? '')
  const tag = searchParams.get('tag') ?? ''
  const [sort] = SORTS.find(([value]) => value === searchParams.get('sort')) ?? SORTS[0]
  useEffect(() => void load({ q, tag, sort }), [q, tag, sort])
  useEffect(() => followProgress(), [])
  useEffect(() => {
    document.title = q ? `${q} – Longtake` : 'Longtake'
  }, [q])
  // Load videos that were added elsewhere while the tab was hidden.
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
            aria-label={`Remove the filter ${tag}`}
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
