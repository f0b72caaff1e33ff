import { ownUploads } from '../api/own-uploads.ts'
import type { Video } from '../api/types.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { UploadProgress, UploadState } from '../parts/upload-state.tsx'
import { address } from '../router.ts'
import { EditDetailsButton } from './edit-details-button.tsx'
import { deleteAndLeave, Heading, Tags } from './heading.tsx'

interface WatchUploadProps {
  readonly video: Video
  readonly onChange: (video: Video) => void
}

/** A video that is being uploaded. `WatchVideo` replaces it when the upload is complete. */
export function WatchUpload({ video, onChange }: WatchUploadProps) {
  const sender = ownUploads.value.get(video.id)
  return (
    <div class="watch">
      <div class="watch-stage">
        <Notice icon="upload" title={say('This video is being uploaded')}>
          <UploadProgress video={video} />
          <p>
            <UploadState video={video} />
          </p>
          <p>{say('The video appears here when the upload is complete.')}</p>
          {sender && (
            <a class="button" href={address(sender)}>
              {sender === 'upload' ? say('Show the upload') : say('Show the recording')}
            </a>
          )}
        </Notice>
      </div>
      <div class="watch-about">
        <Heading video={video} />
        <div class="toolbar">
          <EditDetailsButton video={video} onChange={onChange} />
          {!sender && (
            <button type="button" class="button quiet-bad" onClick={() => deleteAndLeave(video)}>
              <Icon name="close" /> {say('Cancel upload')}
            </button>
          )}
        </div>
        {video.description && <p class="description">{video.description}</p>}
        <Tags tags={video.tags} />
      </div>
    </div>
  )
}
