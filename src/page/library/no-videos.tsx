import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { address } from '../router.ts'

export function NothingYet() {
  return (
    <Notice icon="film" title="No videos yet">
      <p>
        Upload a file, or record your camera, your screen or just your voice. Then you can watch, read and
        search it here.
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

export function NothingFound({ q }: { q: string }) {
  return (
    <Notice icon="search" title={`Nothing found for “${q}”`}>
      <p>Try fewer or different words. The search covers titles, descriptions and transcripts.</p>
      <a class="button" href={address('')}>
        Show all videos
      </a>
    </Notice>
  )
}
