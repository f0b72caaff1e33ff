import { percent, size, speed, timeLeft } from '../format.ts'
import { say, sayCount } from '../locale/say.ts'

/**
 * The stages of a file in the queue. `choose`: the browser has lost the file, so the user must choose it again. `failed`: the upload failed.
 * `unusable`: the upload is complete, but the server cannot use the file.
 */
export type Phase =
  | 'queued'
  | 'uploading'
  | 'paused'
  | 'choose'
  | 'failed'
  | 'processing'
  | 'ready'
  | 'unusable'

/** A file in the queue, as the tray shows it. */
export interface Item {
  readonly id: string
  /** The file's name. */
  readonly name: string
  readonly title: string
  readonly isSound: boolean
  readonly sizeBytes: number
  readonly phase: Phase
  readonly sentBytes: number
  /** Bytes that the server has confirmed; undefined until it has. */
  readonly savedBytes: number | undefined
  /** Undefined until it is known. */
  readonly bytesPerSecond: number | undefined
  /** Undefined until the server has created the upload. */
  readonly videoId: string | undefined
  readonly processedPercent: number | undefined
  /** Why it failed, as a sentence. */
  readonly problem: string | undefined
}

/** Whether the file has left the queue: nothing of it is left to be sent or processed. */
export const isFinished = ({ phase }: Item) => phase === 'ready' || phase === 'unusable'

/** Whether the upload is complete. */
export const isUploaded = (item: Item) => isFinished(item) || item.phase === 'processing'

/** The state of an item, as one sentence. */
export function sentenceOf(item: Item, isConnected: boolean): string {
  const { phase, problem, processedPercent } = item
  switch (phase) {
    case 'queued':
      return isConnected ? say('Waiting for its turn') : withSaved(say('Waiting for connection'), item)
    case 'uploading':
      return isConnected
        ? [say('Uploading'), ...pace(item)].join(say(', '))
        : withSaved(say('Waiting for connection'), item)
    case 'paused':
      return withSaved(say('Paused'), item)
    case 'choose':
      return withSaved(say('Interrupted'), item)
    case 'failed':
      return `${say('Not uploaded.')} ${problem ?? say('Try again.')}`
    case 'processing':
      return processedPercent
        ? say('Processing {percent}', { percent: percent(Math.floor(processedPercent)) })
        : say('Processing')
    case 'unusable':
      return `${say('Uploaded, but cannot be played.')} ${problem ?? ''}`.trim()
    case 'ready':
      return say('Ready')
  }
}

function withSaved(state: string, { savedBytes }: Item): string {
  return savedBytes ? say('{state}. {size} saved', { state, size: size(savedBytes) }) : state
}

/** The speed and the time left, if they are known. */
function pace({ sentBytes, sizeBytes, bytesPerSecond }: Item): string[] {
  if (!bytesPerSecond) return []
  const leftBytes = sizeBytes - sentBytes
  return [speed(bytesPerSecond), ...(leftBytes > 0 ? [timeLeft(leftBytes / bytesPerSecond)] : [])]
}

export interface Summary {
  readonly total: number
  readonly uploaded: number
  /** Items that are sent, or will be without the user. */
  readonly active: number
  readonly processing: number
  readonly paused: number
  readonly failed: number
  /** Files that the user must choose again. */
  readonly toChoose: number
  /** Progress of all uploads together. */
  readonly percent: number
}

export function summaryOf(items: readonly Item[]): Summary {
  const count = (test: (item: Item) => boolean) => items.filter(test).length
  const sizeBytes = items.reduce((sum, item) => sum + item.sizeBytes, 0)
  const sentBytes = items.reduce((sum, item) => sum + doneBytes(item), 0)
  return {
    total: items.length,
    uploaded: count(isUploaded),
    active: count(({ phase }) => phase === 'queued' || phase === 'uploading'),
    processing: count(({ phase }) => phase === 'processing'),
    paused: count(({ phase }) => phase === 'paused'),
    failed: count(({ phase }) => phase === 'failed' || phase === 'unusable'),
    toChoose: count(({ phase }) => phase === 'choose'),
    percent: sizeBytes > 0 ? Math.floor((100 * sentBytes) / sizeBytes) : 0,
  }
}

/** The progress to show. Bytes that are still on their way count only while they are being sent. */
export function doneBytes(item: Item): number {
  const { sizeBytes, sentBytes, savedBytes, phase } = item
  if (isUploaded(item)) return sizeBytes
  return Math.min(sizeBytes, phase === 'uploading' ? sentBytes : (savedBytes ?? sentBytes))
}

/** The state of the whole queue, as one line. */
export function headlineOf(summary: Summary, isConnected: boolean): string {
  const { total, uploaded, active, processing, paused, failed, toChoose } = summary
  if (total === 0) return say('Uploads')
  const done = say('{uploaded} of {total} uploaded', { uploaded, total })
  if (active > 0) return isConnected ? (total === 1 ? say('Uploading') : done) : say('Waiting for connection')
  if (toChoose > 0) return sayCount(toChoose, 'Choose {count} file again', 'Choose {count} files again')
  if (failed > 0) return sayCount(failed, '{count} upload failed', '{count} uploads failed')
  if (paused > 0) return total === 1 ? say('Paused') : say('Paused, {done}', { done })
  if (processing > 0) return sayCount(processing, 'Processing {count} video', 'Processing {count} videos')
  return sayCount(total, '{count} video ready', '{count} videos ready')
}
