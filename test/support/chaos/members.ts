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

/** An api or worker process. */
export class ServiceMember implements Member {
  readonly name: string
  readonly #env: Readonly<Record<string, string>>
  /** One after the other; the last one runs. */
  readonly #services: Service[]

  private constructor(name: string, env: Readonly<Record<string, string>>, service: Service) {
    this.name = name
    this.#env = env
    this.#services = [service]
  }

  static async start(name: string, env: Readonly<Record<string, string>>): Promise<ServiceMember> {
    return new ServiceMember(name, env, await startService({ env }))
  }

  get logs(): readonly LogLine[] {
    return this.#services.flatMap(({ logs }) => logs)
  }

  /** Uncaught errors, and requests that failed in an unexpected way. */
  get faults(): string[] {
    return this.logs
      .filter(({ level = 0, msg = '' }) => level >= 60 || /request failed|unexpected/.test(msg))
      .map(line => `${this.name}: ${JSON.stringify(line)}`)
  }

  async crash(): Promise<void> {
    await this.#service.kill()
    await this.#startAgain()
  }

  async restart(): Promise<void> {
    const { logs } = this.#service
    const error = await this.#service.stop().catch(error => error as Error)
    await this.#startAgain()
    if (!error) return
    const late = logs.find(({ msg }) => msg === 'the stop took too long')
    throw late ? new LateStop(`the stop of ${this.name} waited for: ${late['waiting_for']}`) : error
  }

  freeze(ms: number): Promise<void> {
    return freeze(() => [this.#service.pid], ms)
  }

  async stop(): Promise<void> {
    await this.#service.stop()
  }

  get #service(): Service {
    return this.#services.at(-1)!
  }

  async #startAgain(): Promise<void> {
    this.#services.push(await startService({ env: this.#env }))
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
