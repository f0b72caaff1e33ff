import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Captions, Video } from '../api/types.ts'
import { listCaptions } from '../api/videos.ts'
import { languageName } from '../format.ts'
import { say } from '../locale/say.ts'

/** Text over the picture: captions from the transcript, or subtitles from the file. */
export interface TextTrack {
  readonly key: string
  readonly label: string
  readonly language: string
  readonly src: string
}

/**
 * The captions from the transcript first, if there are any, and then the subtitles from the file.
 * @param captionsVersion a new value makes the player load the transcript's captions again
 */
export function useTextTracks(video: Video, captionsVersion: string): readonly TextTrack[] {
  const { links } = video
  const [embedded, setEmbedded] = useState<readonly Captions[]>([])
  const hasSubtitles = video.streams.some(({ kind }) => kind === 'subtitle')
  useEffect(() => {
    if (hasSubtitles && links.captions) listCaptions(links.captions).then(setEmbedded, () => {})
  }, [hasSubtitles, links.captions])
  const transcript = links.captions_vtt && {
    key: captionsVersion,
    label: say('Captions'),
    language: video.language ?? 'en',
    src: links.captions_vtt,
  }
  const subtitles = embedded.flatMap(({ track, title, language, vtt }) =>
    vtt && track !== null
      ? [
          {
            key: `${track}`,
            label: title ?? (language ? languageName(language) : say('Subtitles {track}', { track })),
            language: language ?? 'und',
            src: vtt,
          },
        ]
      : [],
  )
  return [...(transcript ? [transcript] : []), ...subtitles]
}

/** Shows only the chosen track. */
export function useShownTrack(
  media: RefObject<HTMLVideoElement>,
  tracks: readonly TextTrack[],
  chosen: number | undefined,
): void {
  const keys = tracks.map(({ key }) => key).join()
  useEffect(() => {
    for (const [index, track] of [...media.current!.textTracks].entries())
      track.mode = index === chosen ? 'showing' : 'hidden'
  }, [chosen, keys])
}

export function TrackElements({ tracks }: { tracks: readonly TextTrack[] }) {
  return (
    <>
      {tracks.map(({ key, label, language, src }) => (
        <track key={key} kind="captions" src={src} srcLang={language} label={label} />
      ))}
    </>
  )
}
