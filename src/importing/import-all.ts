import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { type Copying, wasImported } from './import-item.ts'
import { type Import, type ImportItem, sizeOf, Unreadable } from './item.ts'

export interface Totals {
  imported: number
  /** Number of items that an earlier run imported. */
  known: number
  skipped: number
  bytes: number
}

/** A line of the report. */
export interface Remark {
  /** `problem`: the item was not imported, or not completely. */
  readonly kind: 'problem' | 'skipped' | 'note'
  readonly text: string
}

export interface Watcher {
  /** Called often. `copying` is the current item. */
  onProgress(state: {
    done: number
    totals: Readonly<Totals>
    copying?: { name: string; bytes: number }
  }): void
}

export interface Outcome {
  readonly totals: Readonly<Totals>
  readonly remarks: readonly Remark[]
}

/** Imports an item. @returns its size in bytes; undefined if it was imported before. @throws Unreadable */
export type HandleItem = (item: ImportItem, copying: Copying) => Promise<number | undefined>

/**
 * Imports all items, one after the other. An item that cannot be read is reported, and the others are imported.
 * @throws errors of the database and the disk, and the reason of `signal`. The next run then continues with the remaining items.
 */
export async function importAll(
  source: Import,
  handle: HandleItem,
  { signal, watcher }: { signal: AbortSignal; watcher: Watcher },
): Promise<Outcome> {
  const totals: Totals = { imported: 0, known: 0, skipped: 0, bytes: 0 }
  const remarks: Remark[] = []
  let done = 0
  for await (const found of source.found()) {
    signal.throwIfAborted()
    watcher.onProgress({ done, totals })
    if ('problem' in found) remarks.push({ kind: 'problem', text: `${found.name}: ${found.problem}.` })
    else if ('skipped' in found) {
      totals.skipped++
      remarks.push({ kind: 'skipped', text: `${found.name}: ${found.skipped}.` })
    } else {
      const onBytes = (bytes: number) =>
        watcher.onProgress({ done, totals, copying: { name: found.name, bytes } })
      const size = await handle(found, { signal, onBytes }).catch(asProblem)
      if (size instanceof Unreadable)
        remarks.push({ kind: 'problem', text: `${found.name}: ${size.message}.` })
      else if (size === undefined) totals.known++
      else {
        totals.imported++
        totals.bytes += size
        const { notes, losses } = found.remarks
        remarks.push(...notes.map(note => ({ kind: 'note', text: `${found.name}: ${note}.` }) as const))
        remarks.push(...losses.map(loss => ({ kind: 'problem', text: `${found.name}: ${loss}.` }) as const))
      }
    }
    done++
  }
  return { totals, remarks }
}

/** Checks whether an item can be read. @param db undefined if a running service uses the embedded database; earlier imports are then unknown. */
export async function checkItem(
  item: ImportItem,
  db: Kysely<Schema> | undefined,
): Promise<number | undefined> {
  return db && (await wasImported(db, item)) ? undefined : sizeOf(item)
}

/** @throws all other errors, because they would also occur with the next item. */
function asProblem(error: unknown): Unreadable {
  if (error instanceof Unreadable) return error
  throw error
}
