import type { Video } from '../api/types.ts'
import { Icon } from '../parts/icons.tsx'
import { Waveform } from '../parts/waveform.tsx'

/** The poster; the waveform of a sound; otherwise an icon for the kind of file. */
export function Poster({ video }: { video: Video }) {
  const { links, video_codec, audio_codec, status, steps } = video
  if (links.poster_small) return <img src={links.poster_small} alt="" loading="lazy" decoding="async" />
  const isSound = !video_codec && Boolean(audio_codec)
  if (isSound && links.peaks) {
    return (
      <span class="thumb-sound">
        <Waveform link={links.peaks} played={0} />
      </span>
    )
  }
  const isWaiting = steps.some(
    ({ name, state }) => name === 'poster' && (state === 'pending' || state === 'running'),
  )
  return (
    <span class={isWaiting ? 'thumb-empty waiting' : 'thumb-empty'}>
      <Icon name={status === 'failed' ? 'warning' : isSound ? 'sound' : 'film'} />
    </span>
  )
}
