import type { Load } from './load.ts'

const KiB = 1024
const MiB = 1024 * KiB
const GiB = 1024 * MiB

/** A prepared run of a case. Only `work` is timed; `check` compares the bytes that the server has afterwards. */
export interface Turn {
  readonly work: () => Promise<unknown>
  readonly check: () => Promise<unknown>
}

export interface Case {
  /** The name of the case for `--only`. */
  readonly id: string
  readonly name: string
  readonly connections: number
  /** The work of one turn: bytes that are sent, or requests (uploads) that are made. It decides how figures are shown. */
  readonly amount: { readonly bytes: number } | { readonly requests: number; readonly of: string }
  /** @returns the reason why this server cannot do it; undefined if it can. */
  readonly lacks?: (load: Load, locks: boolean) => Promise<string | undefined>
  readonly prepare: (load: Load) => Promise<Turn>
}

/** @param scale of all sizes and counts: 1 for a full run. */
export function casesAt(scale: number): Case[] {
  const count = (full: number) => Math.max(1, Math.round(full * scale))
  const [large, middle, part] = [count(1024) * MiB, count(256) * MiB, count(128) * MiB]
  const [small, many, created, perUpload] = [count(100), count(1000), count(1024), count(256)]
  return [
    {
      id: 'patch',
      name: `one PATCH of ${size(large)}`,
      connections: 1,
      amount: { bytes: large },
      prepare: load => oneUpload(load, large, large),
    },
    {
      id: '5m',
      name: `${size(middle)} in chunks of 5 MiB`,
      connections: 1,
      amount: { bytes: middle },
      prepare: load => oneUpload(load, middle, 5 * MiB),
    },
    {
      id: '64k',
      name: `${8 * perUpload} chunks of 64 KiB, 8 uploads at once`,
      connections: 8,
      amount: { requests: 8 * perUpload, of: 'chunk' },
      async prepare(load) {
        const length = perUpload * 64 * KiB
        const paths = await times(8, 8, () => load.create(length))
        return {
          work: () => Promise.all(paths.map(path => load.send(path, length, 64 * KiB))),
          check: () => Promise.all(paths.map(path => load.check(path, length))),
        }
      },
    },
    {
      id: 'hundred',
      name: `${small} uploads of 1 MiB at once`,
      connections: small,
      amount: { requests: small, of: 'upload' },
      async prepare(load) {
        const paths: string[] = []
        const upload = async () => {
          const path = await load.create(MiB)
          await load.patch(path, 0, MiB)
          paths.push(path)
        }
        return {
          work: () => times(small, small, upload),
          check: () => Promise.all(paths.map(path => load.check(path, MiB))),
        }
      },
    },
    {
      id: 'create',
      name: `${created} creations, 8 at once`,
      connections: 8,
      amount: { requests: created, of: 'creation' },
      async prepare(load) {
        let paths: string[] = []
        return {
          work: async () => {
            paths = await times(created, 8, () => load.create(MiB))
          },
          check: () => load.check(paths.at(-1)!, 0),
        }
      },
    },
    {
      id: 'concat',
      name: `concatenation of 8 parts of ${size(part)}`,
      connections: 8,
      amount: { bytes: 8 * part },
      lacks: async load =>
        (await load.extensions()).includes('concatenation') ? undefined : 'not supported',
      prepare: load => concatenation(load, part),
    },
    {
      id: 'takeover',
      name: 'a stalled upload taken over',
      connections: 8,
      amount: { requests: 1, of: 'takeover' },
      lacks: async (_load, locks) => (locks ? undefined : 'has no locks'),
      prepare: load => takeover(load),
    },
    {
      id: 'thousand',
      name: `${many} uploads of 1 MiB at once, none ahead`,
      connections: many,
      amount: { requests: many, of: 'upload' },
      async prepare(load) {
        const paths = await times(many, 8, () => load.create(MiB))
        return {
          work: () => load.sendTogether(paths, MiB),
          check: () => times(many, 8, () => load.check(paths.pop()!, MiB)),
        }
      },
    },
  ]
}

async function oneUpload(load: Load, length: number, chunk: number): Promise<Turn> {
  const path = await load.create(length)
  return { work: () => load.send(path, length, chunk), check: () => load.check(path, length) }
}

async function concatenation(load: Load, part: number): Promise<Turn> {
  const parts = await times(8, 1, async () => {
    const path = await load.create(part, { 'Upload-Concat': 'partial' })
    await load.patch(path, 0, part)
    return path
  })
  let final: string
  return {
    work: async () => {
      final = await load.create(undefined, { 'Upload-Concat': `final;${parts.join(' ')}` })
    },
    check: () => load.check(final, 8 * part),
  }
}

/** The second half is sent over another connection while the request with the first half is still open. */
async function takeover(load: Load): Promise<Turn> {
  const path = await load.create(2 * MiB)
  const end = await load.stall(path, 2 * MiB, MiB)
  // Time for the server to read the first half. A request that asks for the offset would already be a takeover.
  await new Promise(resolve => setTimeout(resolve, 300))
  return {
    work: () => load.takeOver(path, 2 * MiB).finally(end),
    check: () => load.check(path, 2 * MiB),
  }
}

async function times<T>(count: number, atOnce: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let begun = 0
  const worker = async () => {
    while (begun++ < count) results.push(await work())
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker))
  return results
}

function size(bytes: number): string {
  return bytes >= GiB ? `${bytes / GiB} GiB` : `${bytes / MiB} MiB`
}
