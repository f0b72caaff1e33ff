import { useEffect, useRef, useState } from 'preact/hooks'
import { messageOf, Problem } from '../api/http.ts'
import type { Tagged, Video } from '../api/types.ts'
import { changeVideo, getVideo } from '../api/videos.ts'
import {
  changesOf,
  type DetailsConflict,
  type DetailsDraft,
  detailsOf,
  rebaseDetails,
  type VideoDetails,
} from './video-details.ts'

/** Holds and saves the edited details of a video. Never overwrites another user's change that this user has not seen. */
export function useDetailsEditor(video: Video, onClose: (changed?: Video) => void) {
  const [draft, setDraft] = useState<DetailsDraft>(() => {
    const value = detailsOf(video)
    return { base: { value, tag: null }, details: value }
  })
  // Requests that end later read here what the user has typed in the meantime.
  const latest = useRef(draft)
  const saved = useRef<Video>()
  const [conflicts, setConflicts] = useState<readonly DetailsConflict[]>()
  const [problem, setProblem] = useState<string>()
  const [saving, setSaving] = useState(false)
  const update = (next: DetailsDraft) => {
    latest.current = next
    setDraft(next)
  }
  const moveTo = ({ value, tag }: Tagged<Video>): readonly DetailsConflict[] => {
    const moved = rebaseDetails(latest.current, { value: detailsOf(value), tag })
    update(moved.draft)
    return moved.conflicts
  }
  const fail = (error: unknown) => setProblem(messageOf(error))
  useEffect(() => {
    // The video on the page may be outdated, and it has no entity tag, which saving needs.
    getVideo(video.id).then(current => {
      const found = moveTo(current)
      if (found.length > 0) setConflicts(found)
    }, fail)
  }, [video.id])

  const send = async () => {
    const sent = latest.current
    const response = await changeVideo(video, changesOf(sent.base.value, sent.details), sent.base.tag)
    saved.current = response.value
    const since = { base: { ...sent.base, value: sent.details }, details: latest.current.details }
    const { draft } = rebaseDetails(since, { ...response, value: detailsOf(response.value) })
    if (!hasChanges(draft)) return onClose(response.value)
    setConflicts(undefined)
    update(draft)
  }
  const save = async () => {
    if (!hasChanges(latest.current)) return onClose(saved.current)
    setSaving(true)
    setProblem(undefined)
    try {
      await send()
    } catch (error) {
      if (error instanceof Problem && error.status === 412)
        await getVideo(video.id).then(current => setConflicts(moveTo(current)), fail)
      else fail(error)
    }
    setSaving(false)
  }
  return {
    details: draft.details,
    conflicts,
    problem,
    canSave: !saving && draft.base.tag !== null,
    save,
    close: () => onClose(saved.current),
    change: (fields: Partial<VideoDetails>) =>
      update({ ...latest.current, details: { ...latest.current.details, ...fields } }),
  }
}

function hasChanges({ base, details }: DetailsDraft): boolean {
  return Object.keys(changesOf(base.value, details)).length > 0
}
