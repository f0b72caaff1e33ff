import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { messageOf, Problem } from '../api/http.ts'
import type { Tagged, Transcript } from '../api/types.ts'
import { getTranscript, putTranscript } from '../api/videos.ts'
import { say } from '../locale/say.ts'
import { toast } from '../parts/toasts.tsx'
import { location, navigate } from '../router.ts'
import { type Conflict, changedSince, rebase } from './rebase-draft.ts'
import { beginDraft, type Draft, editedSegments, isChanged, unsaved } from './transcript-draft.ts'

const NOTICE_S = 10

interface EditorOptions {
  /** Link of the transcript. */
  readonly link: string
  readonly transcript: Transcript
  readonly tag: string
  /** Moves the text of the line that is being edited into the draft. */
  readonly commitOpenLine: () => void
  readonly onClose: (saved?: Tagged<Transcript>) => void
  /** Called when the user undoes a discard. */
  readonly onReopen: () => void
}

addEventListener('beforeunload', event => {
  if (unsaved.size > 0) event.preventDefault()
})

/** Holds the draft of a transcript, also while another view is shown, and saves it. Never overwrites a change that the user has not seen. */
export function useTranscriptEditor(options: EditorOptions) {
  const { link, transcript, tag, onClose, onReopen } = options
  const [draft, setDraft] = useState(() => unsaved.get(link) ?? beginDraft(transcript.segments, tag))
  // Requests that end later read here what the user has typed in the meantime.
  const latest = useRef(draft)
  const update = (change: (before: Draft) => Draft) => {
    latest.current = change(latest.current)
    setDraft(latest.current)
  }
  const changed = isChanged(draft)
  useUnsaved(link, draft, changed)
  const close = (saved?: Tagged<Transcript>) => {
    unsaved.delete(link)
    onClose(saved)
  }
  const discard = () => {
    close()
    if (!changed) return
    toast(say('Changes discarded.'), {
      seconds: NOTICE_S,
      action: {
        label: say('Undo'),
        run: () => {
          unsaved.set(link, draft)
          onReopen()
        },
      },
    })
  }
  return { draft, changed, update, discard, ...useSaving(options, latest, update, close) }
}

/** Keeps an unsaved draft, and shows a message when the user leaves its view. */
function useUnsaved(link: string, draft: Draft, changed: boolean): void {
  useLayoutEffect(() => {
    if (changed) unsaved.set(link, draft)
    else unsaved.delete(link)
  }, [link, draft, changed])
  useEffect(() => {
    const { href } = location.value
    return () => {
      if (unsaved.has(link))
        toast(say('Your changes to the transcript are not saved yet.'), {
          seconds: NOTICE_S,
          action: { label: say('Go back'), run: () => navigate(href) },
        })
    }
  }, [link])
}

function useSaving(
  { link, commitOpenLine }: EditorOptions,
  latest: { readonly current: Draft },
  update: (change: (before: Draft) => Draft) => void,
  close: (saved: Tagged<Transcript>) => void,
) {
  const [conflicts, setConflicts] = useState<readonly Conflict[]>()
  const [lost, setLost] = useState<readonly string[]>([])
  const [problem, setProblem] = useState<string>()
  const [saving, setSaving] = useState(false)
  const send = async () => {
    const sent = latest.current
    const saved = await putTranscript(link, editedSegments(sent), sent.tag)
    commitOpenLine()
    const since = rebase(changedSince(sent, latest.current), saved.value.segments, saved.tag!)
    if (!isChanged(since.draft) && since.lost.length === 0) return close(saved)
    update(() => since.draft)
    setConflicts(undefined)
    setLost(before => [...before, ...since.lost])
  }
  const moveToLatest = async () => {
    const { value, tag } = await getTranscript(link)
    const moved = rebase(latest.current, value.segments, tag!)
    update(() => moved.draft)
    setConflicts(moved.conflicts)
    setLost(before => [...before, ...moved.lost])
  }
  const save = async () => {
    commitOpenLine()
    if (saving || !isChanged(latest.current)) return
    setSaving(true)
    setProblem(undefined)
    try {
      await send().catch(error => {
        if (error instanceof Problem && error.status === 412) return moveToLatest()
        throw error
      })
    } catch (error) {
      setProblem(messageOf(error))
    }
    setSaving(false)
  }
  return { save, saving, problem, conflicts, lost }
}
