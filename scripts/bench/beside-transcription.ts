// Uploads at full speed beside the built-in speech engine: their throughput, the delay of small requests, and the delay of the service's
// event loop, with and without it.
import { setTimeout as pause } from 'node:timers/promises'
import { type Case, casesAt } from './cases.ts'
import { type Contender, type Surroundings, startContender } from './contender.ts'
import { measure } from './measure.ts'

const CASES: readonly string[] = ['5m', '64k']
const PROBE_INTERVAL_MS = 10

export interface BesideOptions {
  readonly rounds: number
  /** Factor for all sizes and counts; 1 is the full size. */
  readonly scale: number
  readonly around: Surroundings
}

type Transcribe = (isOver: () => boolean) => Promise<void>

/** Turns without and with transcription, which follow each other so that a noisy machine disturbs both. */
interface Turns {
  readonly seconds: number[]
  /** Delays of small requests while the uploads ran. */
  readonly delaysMs: number[]
  /** Delays of the service's event loop: the 99th percentile of each turn. */
  readonly loopDelaysMs: number[]
}

function noTurns(): Turns {
  return { seconds: [], delaysMs: [], loopDelaysMs: [] }
}

/** Prints a table in Markdown. @param transcribe transcribes in another process, again and again until `isOver` returns true. */
export async function benchBesideTranscription(
  transcribe: Transcribe,
  { rounds, scale, around }: BesideOptions,
): Promise<void> {
  console.log(`\n**Uploads beside transcription**, ${rounds} turns each\n`)
  console.log(
    '| uploads | time, beside to alone | small requests, median: alone, beside | 99 % | event loop, 99 %: alone, beside |',
  )
  console.log('| --- | --- | --- | --- | --- |')
  const contender = await startContender('ours', around)
  try {
    for (const tested of casesAt(scale).filter(({ id }) => CASES.includes(id))) {
      await measure(contender, tested, 0)
      const [alone, beside] = [noTurns(), noTurns()]
      for (let round = 0; round < rounds; round++) {
        const turns = [
          () => take(contender, tested, alone),
          () => during(transcribe, () => take(contender, tested, beside)),
        ]
        for (const turn of round % 2 ? turns.toReversed() : turns) await turn()
      }
      const ratio = (quantile(beside.seconds, 0.5) / quantile(alone.seconds, 0.5)).toFixed(2)
      const both = (measured: (turns: Turns) => number) =>
        [alone, beside].map(turns => `${measured(turns).toFixed(1)} ms`).join(', ')
      const cells = [
        `${ratio} ×`,
        both(({ delaysMs }) => quantile(delaysMs, 0.5)),
        both(({ delaysMs }) => quantile(delaysMs, 0.99)),
        both(({ loopDelaysMs }) => quantile(loopDelaysMs, 0.5)),
      ]
      console.log(`| ${tested.name} | ${cells.join(' | ')} |`)
    }
  } finally {
    await contender.stop()
  }
}

async function during(transcribe: Transcribe, work: () => Promise<void>): Promise<void> {
  let isOver = false
  const transcribing = transcribe(() => isOver)
  await work()
  isOver = true
  await transcribing
}

async function take(contender: Contender, tested: Case, turns: Turns): Promise<void> {
  await loopDelayMs(contender.url)
  const end = new AbortController()
  const probing = probe(contender.url, turns.delaysMs, end.signal)
  try {
    turns.seconds.push((await measure(contender, tested, 0)).wall)
  } finally {
    end.abort()
    await probing
  }
  turns.loopDelaysMs.push(await loopDelayMs(contender.url))
}

/** The 99th percentile of the delay of the service's event loop since the last call. It contains the 10 ms between two samples. */
async function loopDelayMs(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return 1000 * Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(metrics)?.[1])
}

async function probe(url: string, delaysMs: number[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const began = performance.now()
    await (await fetch(`${url}/health/live`)).bytes()
    delaysMs.push(performance.now() - began)
    await pause(PROBE_INTERVAL_MS)
  }
}

/** @param share 0.5 for the median. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
}
