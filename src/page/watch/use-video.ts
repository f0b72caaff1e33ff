import { useEffect, useState } from 'preact/hooks'
import { follow } from '../api/events.ts'
import type { Problem } from '../api/http.ts'
import type { Video } from '../api/types.ts'
import { getVideo, isBusy } from '../api/videos.ts'

/** A video that is kept up to date while it is uploaded or processed, and its tab is visible. */
export function useVideo(id: string) {
  const [video, setVideo] = useState<Video>()
  const [problem, setProblem] = useState<Problem>()
  const [attempt, setAttempt] = useState(0)
  const [deleted, setDeleted] = useState(false)
  useEffect(() => {
    setProblem(undefined)
    getVideo(id).then(({ value }) => setVideo(value), setProblem)
  }, [id, attempt])
  const inWork = video !== undefined && (video.status === 'uploading' || isBusy(video))
  useEffect(() => {
    if (!inWork) return
    return followWhileVisible(video.links.events, (name, data) => {
      if (name === 'video') setVideo(JSON.parse(data))
      if (name === 'deleted') setDeleted(true)
    })
  }, [inWork, video?.id])
  return { video, setVideo, problem, deleted, reload: () => setAttempt(attempt + 1) }
}

/** Browsers keep six connections to one server, over all tabs: a hidden tab needs none. @returns a function that stops it */
function followWhileVisible(link: string, onEvent: (name: string, data: string) => void): () => void {
  let stop = () => {}
  const adjust = () => {
    stop()
    stop = document.hidden ? () => {} : follow(link, onEvent)
  }
  adjust()
  document.addEventListener('visibilitychange', adjust)
  return () => {
    document.removeEventListener('visibilitychange', adjust)
    stop()
  }
}
