import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Chapter } from '../api/types.ts'
import { SpokenTime } from '../parts/spoken-time.tsx'

interface ChaptersTabProps {
  readonly chapters: readonly Chapter[]
  readonly media: RefObject<HTMLVideoElement>
  readonly onSeek: (seconds: number) => void
}

/** The chapters of the file. Each plays from its beginning. */
export function ChaptersTab({ chapters, media, onSeek }: ChaptersTabProps) {
  const now = useChapter(media, chapters)
  return (
    <ol class="chapters">
      {chapters.map(({ start, title }, at) => (
        <li key={start}>
          <button
            type="button"
            class="chapter"
            aria-current={at === now ? 'true' : undefined}
            onClick={() => onSeek(start)}
          >
            <SpokenTime class="line-time" seconds={start} />
            <span>{title}</span>
          </button>
        </li>
      ))}
    </ol>
  )
}

/** The index of the chapter that plays; -1 between chapters. */
function useChapter(media: RefObject<HTMLVideoElement>, chapters: readonly Chapter[]): number {
  const [now, setNow] = useState(-1)
  useEffect(() => {
    const element = media.current
    if (!element) return
    const read = () =>
      setNow(
        chapters.findIndex(
          ({ start, end }) => element.currentTime >= start - 0.05 && element.currentTime < end - 0.05,
        ),
      )
    read()
    element.addEventListener('timeupdate', read)
    return () => element.removeEventListener('timeupdate', read)
  }, [chapters])
  return now
}
