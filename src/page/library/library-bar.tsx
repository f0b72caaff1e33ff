import type { ComponentChildren } from 'preact'

import { mark, say, sayCount } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { address } from '../router.ts'
import { DateChip, StatusChip, TagChip } from './filter-chips.tsx'
import { type Filters, SORTS, showFilters } from './filters.ts'
import { SearchBox } from './search-box.tsx'
import { hidden, loaded } from './videos-loaded.ts'

/** Search, filters, sort and the number of videos. @param children replaces everything but the search, if it is there */
export function LibraryBar({ filters, children }: { filters: Filters; children?: ComponentChildren }) {
  const onChange = (changes: Partial<Filters>) => showFilters({ ...filters, ...changes })
  return (
    <div class="library-bar">
      <SearchBox
        q={filters.q}
        // The order by match has no meaning without a search.
        onSearch={(q, how) => showFilters({ ...filters, q }, how)}
      />
      {children ?? (
        <div class="library-tools">
          <fieldset class="chips" aria-label={say('Filters')}>
            <StatusChip filters={filters} onChange={onChange} />
            <TagChip filters={filters} onChange={onChange} />
            <DateChip filters={filters} onChange={onChange} />
          </fieldset>
          <Count />
          <label class="select sort">
            <span class="visually-hidden">{say('Sort')}</span>
            <select value={filters.sort} onChange={event => onChange({ sort: event.currentTarget.value })}>
              {sortsOf(filters).map(([value, label]) => (
                <option key={value} value={value}>
                  {say(label)}
                </option>
              ))}
            </select>
            <Icon name="sort" />
          </label>
          <a class="icon-button bin-link" href={address('bin')} aria-label={say('Bin')} title={say('Bin')}>
            <Icon name="delete" />
          </a>
        </div>
      )}
    </div>
  )
}

/** The default order has an empty value. */
function sortsOf({ q }: Filters): readonly (readonly [value: string, label: string])[] {
  return q ? [['', mark('Best match')], ...SORTS] : [['', SORTS[0][1]], ...SORTS.slice(1)]
}

/** The number of videos on all pages. */
function Count() {
  const { count, state, filters, items } = loaded.value
  const gone = items.filter(({ id }) => hidden.value.has(id)).length
  const videos = count && (count.more ? count.videos : Math.max(0, count.videos - gone))
  const text =
    videos === undefined || (state === 'loading' && filters.q)
      ? ''
      : count!.more
        ? sayCount(videos, '{count}+ videos', '{count}+ videos')
        : sayCount(videos, '{count} video', '{count} videos')
  return (
    <p class="count" role="status">
      {text}
      {text && filters.q && <span class="visually-hidden"> {say('found')}</span>}
    </p>
  )
}
