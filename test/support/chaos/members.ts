import { setTimeout as pause } from 'node:timers/promises'
import { childrenOf } from '../child-processes.ts'
import type { NatsServer } from '../nats-server.ts'
import type { Postgres } from '../postgres.ts'
import type { S3Server } from '../s3-server.ts'
import { type LogLine, type Service, startService } from '../service.ts'

/** A part of the cluster that can fail. One failure at a time. */
export interface Member {
  readonly name: string
  /** Ends it without notice, and starts it again. */
  crash(): Promise<void>
  /** Has it end in order, and starts it again. */
  restart(): Promise<void>
  /** Stops its execution for a while. */
  freeze(ms: number): Promise<void>
  stop(): Promise<void>
}

/** A process did not stop in time. It waits only so long for the database or the storage, which may have failed, too. */
export class LateStop extends Error {}

/** The level of log lines about errors that end the process. */
const FATAL_LEVEL = 60

/** An api or worker process. */
export class ServiceMember implements Member {
  readonly name: string
  readonly #env: Readonly<Record<string, string>>
  /** All processes so far. */
  readonly #services: Service[] = []
  /** The process that runs now; undefined while none has started. */
  #service: Service | undefined

  private constructor(name: string, env: Readonly<Record<string, string>>) {
    this.name = name
    this.#env = env
  }

  static async start(name: string, env: Readonly<Record<string, string>>): Promise<ServiceMember> {
    const member = new ServiceMember(name, env)
    await member.#start()
    return member
  }

  get logs(): readonly LogLine[] {
    return this.#services.flatMap(({ logs }) => logs)
  }

  /** Uncaught errors, and requests that failed in an unexpected way. */
  get faults(): string[] {
    return this.logs
      .filter(({ level = 0, msg }) => level >= FATAL_LEVEL || msg === 'request failed')
      .map(line => `${this.name}: ${JSON.stringify(line)}`)
  }

  async crash(): Promise<void> {
    await this.#service?.kill()
    await this.#start()
  }

  async restart(): Promise<void> {
    const error = await this.stop().catch(error => error as Error)
    await this.#start()
    if (error) throw error
  }

  freeze(ms: number): Promise<void> {
    return freeze(() => (this.#service ? [this.#service.pid] : []), ms)
  }

  /** @throws LateStop if it waited too long; Error if it did not end in order for another reason. */
  async stop(): Promise<void> {
    if (!this.#service) return
    const { logs } = this.#service
    const error = await this.#service.stop().catch(error => error as Error)
    if (!error) return
    const late = logs.find(({ msg }) => msg === 'the stop took too long')
    throw late ? new LateStop(`the stop of ${this.name} waited for: ${late['waiting_for']}`) : error
  }

  /** @throws Error with the last output if the process ends instead. Later failures then start it again. */
  async #start(): Promise<void> {
    this.#service = undefined
    this.#service = await startService({ env: this.#env })
    this.#services.push(this.#service)
  }
}

export function postgresMember(postgres: Postgres): Member {
  const again = async (end: () => Promise<void>) => {
    await end()
    await postgres.start()
  }
  return {
    name: 'PostgreSQL',
    crash: () => again(() => postgres.kill()),
    restart: () => again(() => postgres.stop()),
    freeze: ms => freeze(() => [postgres.pid, ...childrenOf(postgres.pid)], ms),
    stop: () => postgres.stop(),
  }
}

export function serverMember(name: string, server: NatsServer | S3Server): Member {
  const again = async (signal: 'SIGTERM' | 'SIGKILL') => {
    await server.stop(signal)
    await server.start()
  }
  return {
    name,
    crash: () => again('SIGKILL'),
    restart: () => again('SIGTERM'),
    freeze: ms => freeze(() => [server.pid], ms),
    stop: () => server.stop(),
  }
}

/** @param pidsOf called again after the first signals, because the processes may have started others meanwhile. */
async function freeze(pidsOf: () => number[], ms: number): Promise<void> {
  const pids = new Set<number>()
  for (let n = 0; n < 2; n++)
    for (const pid of pidsOf()) {
      if (!pids.has(pid) && send(pid, 'SIGSTOP')) pids.add(pid)
    }
  await pause(ms)
  for (const pid of pids) send(pid, 'SIGCONT')
}

/** @returns false if the process has ended. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
