// Uploads at full speed beside the built-in speech engine: their throughput, and the delay of small requests, with and without it.
import { setTimeout as pause } from 'node:timers/promises'
import { type Case, casesAt } from './cases.ts'
import { type Contender, type Surroundings, startContender } from './contender.ts'
import { measure } from './measure.ts'

const CASES: readonly string[] = ['patch', '64k']
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
  /** Of small requests while the uploads ran. */
  readonly delaysMs: number[]
}

/** Prints a table in Markdown. @param transcribe transcribes something in another process, again and again until `isOver` says so. */
export async function benchBesideTranscription(
  transcribe: Transcribe,
  { rounds, scale, around }: BesideOptions,
): Promise<void> {
  console.log(`\n**Uploads beside transcription**, ${rounds} turns each\n`)
  console.log(
    '| uploads | time, beside to alone | small requests alone: median, 99 % | beside: median, 99 % |',
  )
  console.log('| --- | --- | --- | --- |')
  const contender = await startContender('ours', around)
  try {
    for (const tested of casesAt(scale).filter(({ id }) => CASES.includes(id))) {
      await measure(contender, tested, 0)
      const [alone, beside]: [Turns, Turns] = [
        { seconds: [], delaysMs: [] },
        { seconds: [], delaysMs: [] },
      ]
      for (let round = 0; round < rounds; round++) {
        const turns = [
          () => take(contender, tested, alone),
          () => during(transcribe, () => take(contender, tested, beside)),
        ]
        for (const turn of round % 2 ? turns.toReversed() : turns) await turn()
      }
      const ratio = (quantile(beside.seconds, 0.5) / quantile(alone.seconds, 0.5)).toFixed(2)
      const delays = ({ delaysMs }: Turns) =>
        `${quantile(delaysMs, 0.5).toFixed(1)} ms, ${quantile(delaysMs, 0.99).toFixed(1)} ms`
      console.log(`| ${tested.name} | ${ratio} × | ${delays(alone)} | ${delays(beside)} |`)
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
  const end = new AbortController()
  const probing = probe(contender.url, turns.delaysMs, end.signal)
  try {
    turns.seconds.push((await measure(contender, tested, 0)).wall)
  } finally {
    end.abort()
    await probing
  }
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
