import { useEffect } from 'preact/hooks'
import './library.css'
import './chips.css'
import './cards.css'
import './pictures.css'
import './search-hits.css'
import { say } from '../locale/say.ts'
import { location } from '../router.ts'
import { BulkBar } from './bulk-bar.tsx'
import { filtersOf, pathTo } from './filters.ts'
import { followProgress } from './follow-progress.ts'
import { LibraryBar } from './library-bar.tsx'
import { Results } from './results.tsx'
import { clearSelection, selected } from './selection.ts'
import { load } from './videos-loaded.ts'

export function Library() {
  const filters = filtersOf(location.value.searchParams)
  const path = pathTo(filters)
  useEffect(() => void load(filters), [path])
  useEffect(() => followProgress(), [])
  useEffect(() => clearSelection, [])
  useEffect(() => {
    document.title = filters.q ? `${filters.q} – Longtake` : 'Longtake'
  }, [filters.q])
  // Load videos that were added elsewhere while the tab was hidden.
  useEffect(() => {
    const refresh = () => document.hidden || scrollY > 200 || void load(filters)
    document.addEventListener('visibilitychange', refresh)
    return () => document.removeEventListener('visibilitychange', refresh)
  }, [path])
  return (
    <div class="library">
      <h1 class="visually-hidden">{say('Library')}</h1>
      <LibraryBar filters={filters}>{selected.value.size > 0 ? <BulkBar /> : undefined}</LibraryBar>
      <Results filters={filters} />
    </div>
  )
}
