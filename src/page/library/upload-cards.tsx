import { cancelledUploads, ownUploads } from '../api/own-uploads.ts'
import type { Video } from '../api/types.ts'
import { say } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { Icon } from '../parts/icons.tsx'
import { memo } from '../parts/memo.ts'
import { UploadProgress, UploadState } from '../parts/upload-state.tsx'
import { address } from '../router.ts'
import { deleteSoon } from './deletion.ts'
import { moreUploads, uploads } from './uploads.ts'
import { hidden } from './videos-loaded.ts'

/** The uploads in progress, above the other videos. */
export function UploadCards() {
  const shown = uploads.value.filter(({ id }) => !hidden.value.has(id) && !cancelledUploads.value.has(id))
  if (shown.length === 0) return null
  return (
    <section class="upload-cards" aria-label={say('Uploads in progress')}>
      <ul class="grid">
        {shown.map(video => (
          <UploadCard key={video.id} video={video} />
        ))}
      </ul>
      {moreUploads.value && <p class="hint">{say('More uploads are in progress.')}</p>}
    </section>
  )
}

const UploadCard = memo(({ video }: { video: Video }) => {
  const { id, title } = video
  const sender = ownUploads.value.get(id)
  return (
    <li class="card upload-card">
      <span class="thumb">
        <span class="thumb-empty">
          <Icon name="upload" />
        </span>
        <UploadProgress class="thumb-progress" video={video} />
      </span>
      <div class="card-text">
        {/* If this tab sends the upload, the tray or the recorder shows more. */}
        <a class="card-title" href={address(sender ?? `watch/${id}`)}>
          {title}
        </a>
        <span class="card-meta">
          <UploadState video={video} />
        </span>
      </div>
      {!sender && (
        <IconButton
          label={say('Cancel the upload of {title}', { title })}
          title={say('Cancel the upload')}
          icon="close"
          class="card-action"
          onClick={() => deleteSoon([video])}
        />
      )}
    </li>
  )
})
