import t from 'tap'
import type { StepReason } from '../../src/base/step-reasons.ts'
import { STEP_NAMES, STEP_STATES, type StepName, type StepState } from '../../src/database/tables/steps.ts'
import {
  backoff,
  blockedBy,
  canRetry,
  dependents,
  isSettled,
  MAX_ATTEMPTS,
  PIPELINE,
  statusOf,
} from '../../src/videos/pipeline/pipeline.ts'

const fact = (name: StepName, state: StepState, reason: StepReason | null = null) => ({ name, state, reason })

/** Every way in which the states of all steps can be combined. */
function* combinations(names: readonly StepName[] = STEP_NAMES): Generator<ReturnType<typeof fact>[]> {
  const [name, ...rest] = names
  if (!name) return yield []
  for (const others of combinations(rest))
    for (const state of STEP_STATES) yield [fact(name, state), ...others]
}

t.test('every step is woken by what the step before it announces', async t => {
  for (const name of STEP_NAMES) {
    const { after, trigger } = PIPELINE[name]
    t.equal(trigger, after === null ? 'video.uploaded' : PIPELINE[after].announces, name)
  }
})

t.test('all steps hang together, without a circle', async t => {
  const roots = STEP_NAMES.filter(name => PIPELINE[name].after === null)
  t.same(roots, ['probe'])
  t.same([...roots, ...dependents('probe')].sort(), [...STEP_NAMES].sort())
  t.same(dependents('audio'), ['transcribe'])
  t.same([...dependents('playback'), ...dependents('poster'), ...dependents('transcribe')], [])
})

t.test('a video is ready or failed when all of its steps are settled, and not before', async t => {
  let [ready, failed, processing] = [0, 0, 0]
  for (const steps of combinations()) {
    const status = statusOf(steps)
    const open = steps.some(({ state }) => state === 'pending' || state === 'running')
    const unusable = steps.some(({ name, state }) => name === 'probe' && state === 'failed')
    if (status !== (open ? 'processing' : unusable ? 'failed' : 'ready'))
      t.fail(`${JSON.stringify(steps)}: ${status}`)
    if (open) processing++
    else unusable ? failed++ : ready++
  }
  t.same([ready, failed, processing], [2 * 81, 81, 3125 - 243])
})

t.test('a state is settled where nothing more happens by itself', async t => {
  t.same(STEP_STATES.filter(isSettled), ['done', 'skipped', 'failed'])
})

t.test('a retry can help what failed, what that held up, and what lacked a setting', async t => {
  for (const state of ['pending', 'running', 'done'] as const) t.equal(canRetry(fact('audio', state)), false)
  t.equal(canRetry(fact('audio', 'failed')), true)
  t.equal(canRetry(fact('transcribe', 'done', 'partial')), true)
  t.equal(canRetry(fact('transcribe', 'skipped', blockedBy('audio'))), true)
  t.equal(canRetry(fact('transcribe', 'skipped', 'not_configured')), true)
  for (const reason of ['no_audio', 'no_video', 'silent', null, 'other_failed' as StepReason] as const)
    t.equal(canRetry(fact('transcribe', 'skipped', reason)), false)
})

t.test('the waits between attempts grow, and stay within minutes', async t => {
  const waits = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, index) => backoff(index + 1))
  t.same(waits, [2, 8, 32, 128])
})
