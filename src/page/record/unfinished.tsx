import { useEffect, useState } from 'preact/hooks'
import { connectionProblem } from '../api/connection.ts'
import { messageOf } from '../api/http.ts'
import { clock, size, when } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'
import { navigate } from '../router.ts'
import { ClosedRecording, giveUp, PieceSender } from './piece-sender.ts'
import { pieceStore, type StoredRecording } from './piece-store.ts'
import { lockOf } from './recording.ts'

/** Seconds in which discarding can be taken back. */
const GRACE = 7

/** Recordings that a closed tab or a crash has left in this browser. */
export function Unfinished() {
  const [found, setFound] = useState<readonly StoredRecording[]>([])
  const look = async () => {
    const all = await pieceStore.list()
    const { held = [] } = await navigator.locks.query()
    const busy = new Set(held.map(({ name }) => name))
    setFound(all.filter(({ id, recorded }) => recorded > 0 && !busy.has(lockOf(id))))
  }
  useEffect(() => void look().catch(() => {}), [])
  return (
    <>
      {found.map(recording => (
        <UnfinishedRecording key={recording.id} recording={recording} onRemoved={() => void look()} />
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
  const { id, title, seconds, recorded, began, upload } = recording
  const [discarded, setDiscarded] = useState(false)
  const [sending, setSending] = useState<{ sent: number; problem?: string }>()
  const finish = () =>
    navigator.locks.request(lockOf(id), async () => {
      setSending({ sent: 0 })
      try {
        await pieceStore.change(id, { length: recorded })
        const video = await new PieceSender(id, setSending).run()
        await pieceStore.remove(id)
        toast(`“${title}” is complete.`)
        navigate(`watch/${video}`)
      } catch (error) {
        if (error instanceof ClosedRecording) return closed(error)
        setSending(undefined)
        toast(`The recording could not be finished. ${messageOf(error)}`, { seconds: 12 })
      }
    })
  const closed = async ({ video, message }: ClosedRecording) => {
    await pieceStore.remove(id)
    toast(message, { seconds: 12 })
    navigate(`watch/${video}`)
  }
  const discard = () => {
    setDiscarded(true)
    const timer = setTimeout(() => {
      void navigator.locks.request(lockOf(id), { ifAvailable: true }, async lock => {
        if (!lock) return
        await pieceStore.remove(id)
        onRemoved()
        if (upload) await giveUp(upload).catch(() => {})
      })
    }, GRACE * 1000)
    toast(`“${title}” is discarded.`, {
      seconds: GRACE,
      action: {
        label: 'Undo',
        run: () => {
          clearTimeout(timer)
          setDiscarded(false)
        },
      },
    })
  }
  if (discarded) return null
  const problem = sending && (connectionProblem.value ?? sending.problem)
  return (
    <section class="unfinished" aria-label={`Unfinished recording ${title}`}>
      <Icon name="warning" />
      <div>
        <h2>An unfinished recording</h2>
        <p>
          “{title}”, {clock(seconds)}, {size(recorded)}, {when(new Date(began).toISOString())}. It was
          interrupted; everything up to then is safe.
        </p>
        <p class="hint" role="status">
          {problem && `${problem} It is sent by itself when the server can be reached.`}
        </p>
      </div>
      {sending ? (
        <progress max={recorded} value={sending.sent} aria-label="Sending the recording" />
      ) : (
        <div class="unfinished-actions">
          <button type="button" class="button primary" onClick={() => void finish()}>
            Finish it
          </button>
          <button type="button" class="button" onClick={discard}>
            Discard
          </button>
        </div>
      )}
    </section>
  )
}
