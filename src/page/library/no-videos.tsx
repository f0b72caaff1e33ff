import { useEffect, useState } from 'preact/hooks'
import { listVideos } from '../api/videos.ts'
import { number } from '../format.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { address } from '../router.ts'
import { type Filters, isFiltered, NO_FILTERS, parametersOf, pathTo } from './filters.ts'
import { otherQueries } from './other-queries.ts'

export function NothingYet() {
  return (
    <Notice icon="film" title={say('No videos yet')}>
      <p>
        {say(
          'Upload a file, or record your camera, your screen or just your voice. Then you can watch, read and search it here.',
        )}
      </p>
      <div class="notice-actions">
        <a class="button primary" href={address('upload')}>
          <Icon name="upload" /> {say('Upload a video')}
        </a>
        <a class="button" href={address('record')}>
          <Icon name="record" /> {say('Record one')}
        </a>
      </div>
    </Notice>
  )
}

/** Offers similar searches that find something. */
export function NothingFound({ filters }: { filters: Filters }) {
  const { q } = filters
  const others = useOthers(filters)
  if (
    !q &&
    filters.status === 'attention' &&
    pathTo(filters) === pathTo({ ...NO_FILTERS, status: 'attention' })
  ) {
    return (
      <Notice icon="check" title={say('Nothing needs attention')}>
        <p>{say('All files could be used.')}</p>
        <a class="button" href={address('')}>
          {say('Show all videos')}
        </a>
      </Notice>
    )
  }
  return (
    <Notice
      icon="search"
      title={q ? say('Nothing found for “{q}”', { q }) : say('No video matches these filters')}
    >
      {q && <p>{say('The search covers titles, descriptions and transcripts. Check the spelling.')}</p>}
      {others.length > 0 && (
        <ul class="others" aria-label={say('Similar searches')}>
          {others.map(({ label, filters, count }) => (
            <li key={label}>
              <a href={address(pathTo(filters))}>
                {label} <span class="hint">{count}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      <a class="button" href={address('')}>
        {say('Show all videos')}
      </a>
    </Notice>
  )
}

interface Other {
  readonly label: string
  readonly filters: Filters
  readonly count: string
}

function useOthers(filters: Filters): readonly Other[] {
  const [others, setOthers] = useState<readonly Other[]>([])
  useEffect(() => {
    const controller = new AbortController()
    const candidates = [
      ...(isFiltered(filters)
        ? [
            {
              label: say('Without the filters'),
              filters: { ...NO_FILTERS, q: filters.q, sort: filters.sort },
            },
          ]
        : []),
      ...otherQueries(filters.q).map(({ label, q }) => ({ label, filters: { ...filters, q } })),
    ]
    const counted = candidates.map(async other => {
      const parameters = { ...parametersOf(other.filters), limit: '1', count: 'true' }
      const { count } = await listVideos(parameters, controller.signal)
      return { ...other, count: `${number(count!.videos)}${count!.more ? '+' : ''}` }
    })
    Promise.all(counted).then(
      all => setOthers(all.filter(({ count }) => count !== '0')),
      () => {},
    )
    return () => controller.abort()
  }, [pathTo(filters)])
  return others
}
