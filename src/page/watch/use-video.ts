import { useEffect, useState } from 'preact/hooks'
import { follow } from '../api/events.ts'
import type { Problem } from '../api/http.ts'
import type { Video } from '../api/types.ts'
import { getVideo, isBusy } from '../api/videos.ts'

/** Loads a video, and keeps it up to date while it is uploaded or processed and the tab is visible. */
export function useVideo(id: string) {
  const [video, setVideo] = useState<Video>()
  const [problem, setProblem] = useState<Problem>()
  const [attempt, setAttempt] = useState(0)
  const [deleted, setDeleted] = useState(false)
  useEffect(() => {
    setProblem(undefined)
    getVideo(id).then(({ value }) => setVideo(value), setProblem)
  }, [id, attempt])
  const isActive = video !== undefined && (video.status === 'uploading' || isBusy(video))
  useEffect(() => {
    if (!isActive) return
    return followWhileVisible(video.links.events, (name, data) => {
      if (name === 'video') setVideo(JSON.parse(data))
      if (name === 'deleted') setDeleted(true)
    })
  }, [isActive, video?.id])
  return { video, setVideo, problem, deleted, reload: () => setAttempt(attempt + 1) }
}

/** A hidden tab keeps no connection, because browsers open at most six to one server. @returns a function that stops it */
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
