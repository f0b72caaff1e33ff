import { useState } from 'preact/hooks'
import { number } from '../format.ts'
import { say, sayCount } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { Icon } from '../parts/icons.tsx'
import { copyLinks, download } from './bulk-actions.ts'
import { moveAllToBin } from './deletion.ts'
import { EditTags } from './edit-tags.tsx'
import { clearSelection, select, selected } from './selection.ts'
import { hidden, loaded } from './videos-loaded.ts'

/** Actions for the selected videos, in place of the filters. */
export function BulkBar() {
  const [isTagging, setTagging] = useState(false)
  const shown = loaded.value.items.filter(({ id }) => !hidden.value.has(id))
  const videos = shown.filter(({ id }) => selected.value.has(id))
  return (
    <section class="library-tools bulk" aria-label={say('Selected videos')}>
      <IconButton
        label={say('Clear the selection')}
        title={say('Clear the selection')}
        icon="close"
        class="small"
        onClick={leave}
      />
      <p class="count" role="status">
        {number(videos.length)} <span>{sayCount(videos.length, 'selected', 'selected')}</span>
      </p>
      {videos.length < shown.length && (
        <button type="button" class="button small" onClick={() => select(shown.map(({ id }) => id))}>
          <Icon name="check" /> <span>{say('Select all {count}', { count: number(shown.length) })}</span>
        </button>
      )}
      <span class="grow" />
      <button type="button" class="button small" onClick={() => setTagging(true)}>
        <Icon name="tag" /> <span>{say('Tag')}</span>
      </button>
      <button type="button" class="button small" onClick={() => void copyLinks(videos)}>
        <Icon name="link" /> <span>{say('Copy links')}</span>
      </button>
      <button type="button" class="button small" onClick={() => download(videos)}>
        <Icon name="download" /> <span>{say('Download')}</span>
      </button>
      <button
        type="button"
        class="button small quiet-bad"
        onClick={() => {
          void moveAllToBin(videos)
          leave()
        }}
      >
        <Icon name="delete" /> <span>{say('Delete')}</span>
      </button>
      {isTagging && <EditTags videos={videos} onClose={() => setTagging(false)} />}
    </section>
  )
}

/** The bar goes away, so the focus moves to the videos. */
function leave(): void {
  clearSelection()
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-results] a[tabindex="0"]')?.focus())
}
