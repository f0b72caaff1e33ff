import type { Case } from './cases.ts'
import type { Contender } from './contender.ts'
import { Load } from './load.ts'
import { cpuOf, peakOf, resetPeak } from './process-usage.ts'

/** The cost of one turn: seconds, and MB (10^6 bytes). */
export interface Measure {
  readonly wall: number
  /** CPU of the server and the programs that it starts, without its database. */
  readonly cpu: number
  readonly databaseCpu: number
  /** Peak of the server's resident memory. */
  readonly peak: number
  /** CPU of the load generator, this process. */
  readonly loadCpu: number
}

/** A turn that takes longer is stuck, in seconds. */
const PATIENCE_S = 180

/** @throws Error if a response is wrong, or the server does not have the bytes that were sent. */
export async function measure(contender: Contender, one: Case, database: number): Promise<Measure> {
  const load = new Load({ ...contender, connections: one.connections })
  try {
    return await within(take(contender, one, load, contender.name === 'ours' ? database : undefined))
  } catch (cause) {
    const said = contender.output.slice(-3).join('\n')
    throw new Error(`${contender.name}, ${one.name}: ${(cause as Error).message}\n${said}`, { cause })
  } finally {
    load.close()
    contender.clean()
  }
}

async function take(contender: Contender, one: Case, load: Load, database?: number): Promise<Measure> {
  const { work, check } = await one.prepare(load)
  const databaseCpu = () => (database ? cpuOf(database) : 0)
  resetPeak(contender.pid)
  const before = [cpuOf(contender.pid), databaseCpu()] as const
  const loadBefore = process.cpuUsage()
  const began = performance.now()
  await work()
  const wall = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(loadBefore)
  const cpu = cpuOf(contender.pid) - before[0]
  const measured = { wall, cpu, databaseCpu: databaseCpu() - before[1], peak: peakOf(contender.pid) }
  await check()
  return { ...measured, loadCpu: (user + system) / 1e6 }
}

async function within<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`not done after ${PATIENCE_S} s`)), PATIENCE_S * 1000)
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
