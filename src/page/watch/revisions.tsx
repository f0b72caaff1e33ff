import { useEffect, useMemo, useState } from 'preact/hooks'
import { messageOf, Problem } from '../api/http.ts'
import type { Revision, Segment, Tagged, Transcript } from '../api/types.ts'
import { getRevision, getTranscript, listRevisions, restoreRevision } from '../api/videos.ts'
import { clock, exactTime, number, relativeTime } from '../format.ts'
import { say } from '../locale/say.ts'
import { Dialog } from '../parts/dialog.tsx'
import { ProblemText } from '../parts/problem-text.tsx'
import { SLICE_LINES, sliceStarts, useLinesSoFar } from './lines-so-far.ts'

interface RevisionsProps {
  /** Link of the transcript. */
  readonly link: string
  readonly current: Tagged<Transcript>
  readonly onClose: (restored?: Tagged<Transcript>) => void
}

/** Shows and restores earlier versions of the transcript. Restoring adds a version, so nothing is lost. */
export function Revisions({ link, current, onClose }: RevisionsProps) {
  const [now, setNow] = useState(current)
  const [revisions, setRevisions] = useState<readonly Revision[]>()
  const [chosen, setChosen] = useState(current.value.revision)
  const [problem, setProblem] = useState<string>()
  const [restoring, setRestoring] = useState(false)
  const fail = (error: unknown) => setProblem(messageOf(error))
  const load = () =>
    Promise.all([getTranscript(link), listRevisions(link)]).then(([latest, all]) => {
      setNow(latest)
      setRevisions(all)
    }, fail)
  useEffect(() => void load(), [link])
  const restore = async () => {
    setProblem(undefined)
    setRestoring(true)
    try {
      onClose(await restoreRevision(link, chosen, now.tag))
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) return fail(error)
      // Loaded before the message appears: a second click overwrites only what the user could see.
      await load()
      setProblem(
        say(
          'Someone else has saved a change. Look at the current version, then restore again if you still want to.',
        ),
      )
    } finally {
      setRestoring(false)
    }
  }
  return (
    <Dialog title={say('Earlier versions')} onClose={() => onClose()} wide>
      <ProblemText text={problem} />
      <div class="revisions">
        <ul aria-label={say('Versions')} aria-busy={!revisions}>
          {revisions?.map(revision => (
            <li key={revision.revision}>
              <button
                type="button"
                class="revision"
                aria-pressed={revision.revision === chosen}
                onClick={() => setChosen(revision.revision)}
              >
                <b>
                  {say('Version {revision}', { revision: number(revision.revision) })}
                  {revision.revision === now.value.revision && <span class="badge">{say('Current')}</span>}
                </b>
                <span class="hint">
                  {madeBy(revision)}
                  {say(', ')}
                  <time dateTime={revision.created_at} title={exactTime(revision.created_at)}>
                    {relativeTime(revision.created_at)}
                  </time>
                </span>
              </button>
            </li>
          ))}
        </ul>
        <RevisionText key={`${chosen} ${now.value.revision}`} link={link} revision={chosen} now={now.value} />
      </div>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={() => onClose()}>
          {say('Close')}
        </button>
        <button
          type="button"
          class="button primary"
          aria-disabled={restoring || chosen === now.value.revision}
          onClick={() => void restore()}
        >
          {say('Restore')}
        </button>
      </div>
    </Dialog>
  )
}

function madeBy({ origin, restored_from }: Revision): string {
  if (restored_from !== null) return say('Version {revision} restored', { revision: number(restored_from) })
  return origin === 'person' ? say('Edited') : say('By speech recognition')
}

/** The lines of a version. Lines that differ from the current version are marked. */
function RevisionText({ link, revision, now }: { link: string; revision: number; now: Transcript }) {
  const [lines, setLines] = useState(revision === now.revision ? now.segments : undefined)
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    if (!lines)
      getRevision(link, revision).then(
        ({ segments }) => setLines(segments),
        error => setProblem(messageOf(error)),
      )
  }, [])
  const shown = useLinesSoFar(lines?.length ?? 0)
  const current = useMemo(
    () => new Set(now.segments.map(({ start, text }) => `${start} ${text}`)),
    [now.segments],
  )
  const differs = ({ start, text }: Segment) => !current.has(`${start} ${text}`)
  return (
    <section
      class="revision-text"
      aria-label={say('Text of version {revision}', { revision })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
      tabIndex={0}
      aria-busy={!lines}
    >
      {problem && <p class="problem">{problem}</p>}
      {lines?.length === 0 && <p class="hint">{say('This version is empty.')}</p>}
      {lines?.some(differs) && <p class="hint">{say('Marked lines differ from the current version.')}</p>}
      {sliceStarts(shown).map(from => (
        <ul key={from}>
          {lines!.slice(from, from + SLICE_LINES).map((line, index) => (
            <li key={index} class={differs(line) ? 'line differs' : 'line'}>
              <span class="line-time">{clock(line.start)}</span>
              <span dir="auto">{line.text}</span>
            </li>
          ))}
        </ul>
      ))}
    </section>
  )
}
