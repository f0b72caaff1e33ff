import type { ComponentChildren } from 'preact'
import type { Video } from '../api/types.ts'
import { bitRate, exactTime, languageName, number, size } from '../format.ts'
import { say } from '../locale/say.ts'
import { SpokenTime } from '../parts/spoken-time.tsx'
import { EditDetailsButton } from './edit-details-button.tsx'

interface DetailsTabProps {
  readonly video: Video
  readonly onChange: (video: Video) => void
}

/** Facts about a video and its file. */
export function DetailsTab({ video, onChange }: DetailsTabProps) {
  return (
    <div class="details-tab">
      <dl class="facts">
        {factsOf(video).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <EditDetailsButton video={video} onChange={onChange} />
    </div>
  )
}

/** The facts that are known, in the order in which they are shown. */
function factsOf(video: Video): readonly (readonly [name: string, value: ComponentChildren])[] {
  const { duration, width, height, frame_rate, bit_rate, language, filename } = video
  const codecs = [video.video_codec, video.audio_codec].filter(Boolean).join(', ')
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    [say('Added'), <time dateTime={video.created_at}>{exactTime(video.created_at)}</time>],
    [say('Duration'), duration !== null && <SpokenTime seconds={duration} />],
    [say('Language'), language && languageName(language)],
    [say('File'), <bdi>{filename}</bdi>],
    [say('Size'), video.size !== null && size(video.size)],
    [
      say('Picture'),
      width !== null && height !== null && (
        <bdi dir="ltr">
          {width} × {height}
        </bdi>
      ),
    ],
    [
      say('Frame rate'),
      frame_rate !== null && say('{rate} fps', { rate: number(Math.round(frame_rate * 100) / 100) }),
    ],
    [say('Bit rate'), bit_rate !== null && bitRate(bit_rate)],
    [say('Codecs'), <bdi dir="ltr">{codecs}</bdi>],
    [say('Container'), video.container],
  ]
  return facts.filter(([, value]) => value)
}
