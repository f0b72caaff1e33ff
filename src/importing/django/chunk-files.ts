import { sha256Stream } from '../../base/hash.ts'
import { type Remarks, type Source, Unreadable } from '../item.ts'
import type { Row } from './old-database.ts'

/** A chunk, or the reason why it cannot be read. */
export interface OldChunk {
  readonly key: string
  readonly number: number | undefined
  readonly source: Source | Unreadable
}

export interface Joined {
  readonly sources: readonly Source[]
  /** Whether some chunks are missing or cannot be read. */
  readonly incomplete: boolean
}

/** Maximum number of gaps in a note. */
const MAX_LISTED = 10

export function numberOf(row: Row, column: string | undefined): number | undefined {
  const value = column === undefined ? null : (row[column] ?? null)
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : undefined
}

/**
 * Sorts chunks by number. Without numbers, they keep the order in which they were received. If several chunks have the same number, the last
 * one is used, because a client repeats a chunk if it got no response.
 * @param chunks in the order in which they were received. @param remarks receives the remarks for the report.
 * @throws Unreadable if no chunk can be read.
 */
export async function joinChunks(chunks: readonly OldChunk[], { notes, losses }: Remarks): Promise<Joined> {
  const numbered = chunks.every(({ number }) => number !== undefined)
  if (!numbered && chunks.some(({ number }) => number !== undefined))
    notes.push(
      'some of its chunks have no number, so all were joined in the order in which they were received',
    )
  const ordered = numbered ? await inOrder(chunks, { notes, losses }) : [...chunks]
  const unreadable = ordered.filter(({ source }) => source instanceof Unreadable)
  if (unreadable.length === ordered.length)
    throw new Unreadable(
      `none of its ${ordered.length} chunks can be read: ${(unreadable[0]!.source as Unreadable).message}`,
    )
  for (const { key, number, source } of unreadable)
    losses.push(`chunk ${number ?? `with the key ${key}`} was skipped: ${(source as Unreadable).message}`)
  const missing = numbered ? gaps(ordered) : []
  if (missing.length > 0)
    losses.push(
      `chunks were never received: ${missing.slice(0, MAX_LISTED).join(', ')}${missing.length > MAX_LISTED ? ` and ${missing.length - MAX_LISTED} more` : ''}`,
    )
  return {
    sources: ordered.flatMap(({ source }) => (source instanceof Unreadable ? [] : [source])),
    incomplete: unreadable.length > 0 || missing.length > 0,
  }
}

async function inOrder(chunks: readonly OldChunk[], { notes, losses }: Remarks): Promise<OldChunk[]> {
  const byNumber = Map.groupBy(chunks, ({ number }) => number!)
  const ordered: OldChunk[] = []
  for (const [number, all] of [...byNumber].toSorted(([a], [b]) => a - b)) {
    const readable = all.flatMap(({ source }) => (source instanceof Unreadable ? [] : [source]))
    const last = all.findLast(({ source }) => !(source instanceof Unreadable)) ?? all.at(-1)!
    ordered.push(last)
    if (all.length === 1) continue
    const hashes = new Set(await Promise.all(readable.map(hashOf)))
    if (hashes.size > 1)
      losses.push(`chunk ${number} was received ${all.length} times with different bytes; the last was used`)
    else notes.push(`chunk ${number} was received ${all.length} times`)
  }
  return ordered
}

async function hashOf(source: Source): Promise<string> {
  const hash = sha256Stream()
  for await (const bytes of source.read()) hash.update(bytes)
  return hash.digest('hex')
}

/** The missing numbers between the first and the last. Clients count from 0 or 1. */
function gaps(ordered: readonly OldChunk[]): number[] {
  const present = new Set(ordered.map(({ number }) => number!))
  const first = Math.min(1, ordered[0]!.number!)
  const last = ordered.at(-1)!.number!
  const missing: number[] = []
  for (let number = first; number < last && missing.length < 10_000; number++)
    if (!present.has(number)) missing.push(number)
  return missing
}
