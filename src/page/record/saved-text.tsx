import { checkConnection, connectionProblem } from '../api/connection.ts'
import { clock } from '../format.ts'
import { say } from '../locale/say.ts'
import type { Recording } from './recording.ts'

/** The last seconds are always on their way. */
const UNDERWAY_S = 3
/** Longer times are shown as minutes and seconds. */
const LONG_S = 100

/** How much of the recording the server has: `All saved` or `12 s waiting`. */
export function SavedText({ recording }: { recording: Recording }) {
  const { recorded, sender, waitingS, phase } = recording.state.value
  const isWaiting = waitingS > UNDERWAY_S || problemOf(recording) !== undefined
  const text =
    phase === 'done' || (sender.sent > 0 && !isWaiting)
      ? say('All saved')
      : waitingS < 1
        ? say('Saving…')
        : waitingS < LONG_S
          ? say('{seconds} s waiting', { seconds: Math.round(waitingS) })
          : say('{time} waiting', { time: clock(waitingS) })
  return (
    <span
      class={isWaiting && phase !== 'done' ? 'saved-text waiting' : 'saved-text'}
      data-sent={sender.sent}
      data-unsent={Math.max(0, recorded - sender.sent)}
    >
      {text}
    </span>
  )
}

/** Why nothing is being sent, and a way to try again. */
export function ConnectionLost({ recording }: { recording: Recording }) {
  const problem = problemOf(recording)
  const tryNow = () => {
    void checkConnection()
    recording.tryNow()
  }
  return (
    <div class="connection" role="status">
      {problem && (
        <p class="connection-lost">
          <span>
            {problem}{' '}
            {recording.state.value.phase === 'sending'
              ? say('The rest is stored in this browser and uploaded when the connection is back.')
              : say(
                  'Keep recording: everything is stored in this browser and uploaded when the connection is back.',
                )}
          </span>
          <button type="button" class="link" onClick={tryNow}>
            {say('Try now')}
          </button>
        </p>
      )}
    </div>
  )
}

function problemOf(recording: Recording): string | undefined {
  const { phase, sender } = recording.state.value
  return phase === 'done' || phase === 'failed' ? undefined : (connectionProblem.value ?? sender.problem)
}
