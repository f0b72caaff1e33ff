import { useEffect, useState } from 'preact/hooks'
import { connectionProblem } from '../api/connection.ts'
import { messageOf } from '../api/http.ts'
import { clock, relativeTime, size } from '../format.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'
import { navigate } from '../router.ts'
import { ClosedRecording } from './chunk-sender.ts'
import { chunkStore, type StoredRecording } from './chunk-store.ts'
import { discardStored, finishStored, lockOf } from './finish-stored.ts'

/** Time for which discarding can be undone. */
const GRACE_S = 7
const NOTICE_S = 12

/** The recordings that a closed tab or a crash has left in this browser. */
export function Unfinished() {
  const [found, setFound] = useState<readonly StoredRecording[]>([])
  const find = async () => {
    const all = await chunkStore.list()
    const { held = [] } = await navigator.locks.query()
    const busy = new Set(held.map(({ name }) => name))
    setFound(all.filter(({ id, recorded }) => recorded > 0 && !busy.has(lockOf(id))))
  }
  useEffect(() => void find().catch(() => {}), [])
  return (
    <>
      {found.map(recording => (
        <UnfinishedRecording key={recording.id} recording={recording} onRemoved={() => void find()} />
      ))}
    </>
  )
}

function UnfinishedRecording({
  recording,
  onRemoved,
}: {
  recording: StoredRecording
  onRemoved: () => void
}) {
  const { id, seconds, recorded, began } = recording
  const title = recording.newTitle ?? recording.title
  const [discarded, setDiscarded] = useState(false)
  const [sending, setSending] = useState<{ sent: number; problem?: string }>()
  const finish = () =>
    navigator.locks.request(lockOf(id), async () => {
      setSending({ sent: 0 })
      try {
        const video = await finishStored(id, setSending)
        toast(say('“{title}” saved.', { title }))
        navigate(`watch/${video}`)
      } catch (error) {
        if (error instanceof ClosedRecording) return closed(error)
        setSending(undefined)
        toast(say('The recording could not be finished. {reason}', { reason: messageOf(error) }), {
          seconds: NOTICE_S,
        })
      }
    })
  const closed = async ({ video, message }: ClosedRecording) => {
    await chunkStore.remove(id)
    toast(message, { seconds: NOTICE_S })
    navigate(`watch/${video}`)
  }
  const discard = () => {
    setDiscarded(true)
    const remove = () =>
      navigator.locks.request(lockOf(id), { ifAvailable: true }, async lock => {
        if (!lock) return
        await discardStored(id)
        onRemoved()
      })
    toast(say('“{title}” discarded.', { title }), {
      seconds: GRACE_S,
      action: { label: say('Undo'), run: () => setDiscarded(false) },
      onEnd: () => void remove(),
    })
  }
  if (discarded) return null
  const problem = sending && (connectionProblem.value ?? sending.problem)
  return (
    <section class="unfinished" aria-label={say('Unfinished recording {title}', { title })}>
      <Icon name="warning" />
      <div>
        <h2>{say('Unfinished recording')}</h2>
        <p>
          {say(
            '“{title}”, {duration}, {size}, {time}. It was interrupted. Everything until then is still stored in this browser.',
            {
              title,
              duration: clock(seconds),
              size: size(recorded),
              time: relativeTime(new Date(began).toISOString()),
            },
          )}
        </p>
        <p class="hint" role="status">
          {problem &&
            say('{problem} The recording is uploaded when the server can be reached again.', { problem })}
        </p>
      </div>
      {sending ? (
        <progress max={recorded} value={sending.sent} aria-label={say('Uploading the recording')} />
      ) : (
        <div class="unfinished-actions">
          <button type="button" class="button primary" onClick={() => void finish()}>
            {say('Finish')}
          </button>
          <button type="button" class="button" onClick={discard}>
            {say('Discard')}
          </button>
        </div>
      )}
    </section>
  )
}
