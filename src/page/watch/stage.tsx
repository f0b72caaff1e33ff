import type { RefObject } from 'preact'
import { messageOf } from '../api/http.ts'
import { useMediaLinks } from '../api/media-links.ts'
import type { Video } from '../api/types.ts'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { Player } from './player.tsx'

interface StageProps {
  readonly video: Video
  readonly media: RefObject<HTMLVideoElement>
  /** Seconds at which playback starts. */
  readonly start: number
  /** A new value makes the player load the captions again. */
  readonly captionsVersion: string
}

/** The player, or the reason why there is none. */
export function Stage({ video, media, start, captionsVersion }: StageProps) {
  const source = useMediaLinks(video)
  if (video.status === 'failed') {
    return (
      <Notice icon="warning" title="This file cannot be played">
        <p>{video.error?.message}</p>
      </Notice>
    )
  }
  if (source.media) {
    return (
      <Player
        media={media}
        video={video}
        source={source.media}
        start={start}
        captionsVersion={captionsVersion}
        onExpired={source.renew}
      />
    )
  }
  if (source.problem) {
    return (
      <Notice icon="warning" title="The video could not be loaded" alert>
        <p>{messageOf(source.problem)}</p>
        <button type="button" class="button" onClick={source.renew}>
          <Icon name="retry" /> Try again
        </button>
      </Notice>
    )
  }
  const aspectRatio = `${video.width ?? 16} / ${video.height ?? 9}`
  return <div class="player" style={{ aspectRatio }} aria-busy="true" />
}
