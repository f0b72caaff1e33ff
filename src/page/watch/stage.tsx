import type { RefObject } from 'preact'
import type { Video } from '../api/types.ts'
import { fromServer, say } from '../locale/say.ts'
import { Notice } from '../parts/notice.tsx'
import { Player } from './player.tsx'
import { failureText } from './step-reasons.ts'

interface StageProps {
  readonly video: Video
  readonly media: RefObject<HTMLVideoElement>
  /** Seconds at which playback starts. */
  readonly start: number
  readonly autoplay: boolean
  /** A new value makes the player load the captions again. */
  readonly captionsVersion: string
  /** Whether the player has the whole width. */
  readonly theatre: boolean
  readonly onTheatre: () => void
}

/** The player, or the reason why there is none. */
export function Stage({ video, media, ...rest }: StageProps) {
  if (video.status === 'failed') {
    return (
      <Notice icon="warning" title={say('This file cannot be played')}>
        <p>{video.error && fromServer(video.error.message, failureText(video.error))}</p>
      </Notice>
    )
  }
  return <Player media={media} video={video} {...rest} />
}
