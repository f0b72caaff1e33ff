// Throughput of one, two and three api processes on one PostgreSQL and one data directory.
import { rmSync } from 'node:fs'
import type { Postgres } from '../../test/support/postgres.ts'
import { throwAwayDirectory } from '../../test/support/throw-away-directory.ts'
import { short } from './figures.ts'
import { Load } from './load.ts'
import { cpuOf } from './process-usage.ts'
import { type QuietService, startQuietService } from './quiet-service.ts'
import { median } from './results.ts'

const MIB_BYTES = 2 ** 20
const CHUNK_BYTES = 64 * 1024
/** Uploads at the same time, divided among the processes. */
const UPLOADS = 12
const PROCESS_COUNTS = [1, 2, 3]

interface Work {
  readonly name: string
  /** The unit of the rate. */
  readonly unit: string
  readonly count: number
  readonly run: (loads: readonly Load[]) => Promise<unknown>
}

/** @param scale 1 for a full run. @returns Markdown. */
export async function benchProcesses(postgres: Postgres, scale: number, rounds: number): Promise<string> {
  const works = worksAt(scale)
  const cells = new Map(works.map(({ name }) => [name, [] as string[]]))
  for (const count of PROCESS_COUNTS) {
    const figures = await measure(postgres, count, works, rounds)
    for (const [n, { name }] of works.entries()) cells.get(name)!.push(figures[n]!)
  }
  return `Medians of ${rounds} rounds; in parentheses the processor time of all api processes. Each round has ${UPLOADS} uploads at once.

| work | ${PROCESS_COUNTS.map(count => (count === 1 ? '1 process' : `${count} processes`)).join(' | ')} |
| --- | ${PROCESS_COUNTS.map(() => '---').join(' | ')} |
${works.map(({ name }) => `| ${name} | ${cells.get(name)!.join(' | ')} |`).join('\n')}`
}

function worksAt(scale: number): Work[] {
  const whole = Math.ceil(64 * scale) * MIB_BYTES
  const chunks = Math.ceil(128 * scale)
  const creations = Math.ceil(85 * scale)
  const each = (work: (n: number) => Promise<unknown>) =>
    Promise.all(Array.from({ length: UPLOADS }, (_, n) => work(n)))
  const at = (loads: readonly Load[], n: number) => loads[n % loads.length]!
  return [
    {
      name: `PATCH of ${whole / MIB_BYTES} MiB`,
      unit: 'MiB/s',
      count: (UPLOADS * whole) / MIB_BYTES,
      run: loads =>
        each(async n => {
          const path = await at(loads, n).create(whole)
          await at(loads, n).send(path, whole)
        }),
    },
    {
      name: 'chunks of 64 KiB, each upload to one process',
      unit: '/s',
      count: UPLOADS * chunks,
      run: loads =>
        each(async n => {
          const path = await at(loads, n).create(chunks * CHUNK_BYTES)
          await at(loads, n).send(path, chunks * CHUNK_BYTES, CHUNK_BYTES)
        }),
    },
    {
      name: 'chunks of 64 KiB, each to the next process',
      unit: '/s',
      count: UPLOADS * chunks,
      run: loads =>
        each(async n => {
          const path = await at(loads, n).create(chunks * CHUNK_BYTES)
          for (let chunk = 0; chunk < chunks; chunk++)
            await patchUnlocked(at(loads, n + chunk), path, chunk * CHUNK_BYTES)
        }),
    },
    {
      name: 'creations',
      unit: '/s',
      count: UPLOADS * creations,
      run: loads =>
        each(async n => {
          for (let done = 0; done < creations; done++) await at(loads, n).create(MIB_BYTES)
        }),
    },
  ]
}

/** Sends a chunk again while another process still holds the upload, as clients do. */
async function patchUnlocked(load: Load, path: string, offset: number): Promise<void> {
  for (;;) {
    try {
      return await load.patch(path, offset, CHUNK_BYTES)
    } catch (error) {
      if (!/answered 423/.test((error as Error).message)) throw error
    }
  }
}

/** @returns a cell of the table for each work. */
async function measure(
  postgres: Postgres,
  count: number,
  works: readonly Work[],
  rounds: number,
): Promise<string[]> {
  const directory = throwAwayDirectory('bench-processes')
  const env = {
    DATABASE_URL: await postgres.createDatabase(),
    DATA_DIR: directory,
    MAX_UNFINISHED_UPLOADS: '100000',
  }
  const services: QuietService[] = []
  for (let n = 0; n < count; n++) services.push(await startQuietService(env))
  const loads = services.map(({ url }) => new Load({ url, protocol: 'tus', connections: UPLOADS }))
  const cpu = () => services.reduce((sum, { pid }) => sum + cpuOf(pid), 0)
  const cells: string[] = []
  for (const work of works) {
    const rates: number[] = []
    const cpus: number[] = []
    // The first round warms up.
    for (let round = -1; round < rounds; round++) {
      const cpuBefore = cpu()
      const began = performance.now()
      await work.run(loads)
      if (round < 0) continue
      rates.push(work.count / ((performance.now() - began) / 1000))
      cpus.push(cpu() - cpuBefore)
    }
    cells.push(`${median(rates).toFixed(0)} ${work.unit} (${short(median(cpus))} s)`)
  }
  for (const load of loads) load.close()
  for (const service of services) await service.stop()
  rmSync(directory, { recursive: true, force: true })
  return cells
}
