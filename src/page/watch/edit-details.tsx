import { useEffect, useState } from 'preact/hooks'
import { messageOf, Problem } from '../api/http.ts'
import { changeVideo, getVideo, type Tagged, type Video } from '../api/videos.ts'
import { Dialog } from '../parts/dialog.tsx'

/** Title and description. What somebody else has changed meanwhile is shown before it is overwritten, where the server tells. */
export function EditDetails({ video, onClose }: { video: Video; onClose: (changed?: Video) => void }) {
  const [base, setBase] = useState<Tagged<Video>>({ value: video, tag: null })
  const [problem, setProblem] = useState<string>()
  const [saving, setSaving] = useState(false)
  useEffect(() => {
    // The tag of just what is shown in the form.
    getVideo(video.id).then(
      latest =>
        latest.value.title === video.title &&
        latest.value.description === video.description &&
        setBase(latest),
      () => {},
    )
  }, [video.id])
  const save = async (form: HTMLFormElement) => {
    const data = new FormData(form)
    const changes = {
      title: (data.get('title') as string).trim(),
      description: data.get('description') as string,
    }
    setSaving(true)
    try {
      onClose((await changeVideo(video, changes, base.tag)).value)
    } catch (error) {
      setSaving(false)
      if (!(error instanceof Problem) || error.status !== 412) return setProblem(messageOf(error))
      const latest = await getVideo(video.id)
      setBase(latest)
      setProblem(
        `Somebody else has just changed this: the title is now “${latest.value.title}”` +
          `${latest.value.description ? `, the description “${latest.value.description}”` : ''}. Save again to replace that by yours.`,
      )
    }
  }
  return (
    <Dialog title="Edit details" onClose={() => onClose()}>
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault()
          void save(event.currentTarget)
        }}
      >
        <label class="field">
          Title
          <input name="title" defaultValue={video.title} required maxLength={500} pattern=".*\S.*" />
        </label>
        <label class="field">
          Description
          <textarea name="description" rows={5} maxLength={10_000} defaultValue={video.description} />
        </label>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => onClose()}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={saving}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  )
}
