import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { NatsServer } from '../nats-server.ts'
import { type Postgres, startPostgres } from '../postgres.ts'
import { type Service, startService } from '../service.ts'
import { throwAwayDirectory } from '../throw-away-directory.ts'
import { RoundRobin } from './round-robin.ts'

export interface ClusterOptions {
  readonly apis: number
  readonly workers: number
  /** Further settings of all processes. */
  readonly env?: Readonly<Record<string, string>>
}

/** A part of the cluster that can fail. One failure at a time. */
export interface Member {
  readonly name: string
  /** Ends it without notice, and starts it again. */
  crash(): Promise<void>
  /** Has it end in order, and starts it again. */
  restart(): Promise<void>
  /** Stops its execution for a while. Absent if that says nothing about the service. */
  freeze?(ms: number): Promise<void>
  stop(): Promise<void>
}

/** Several api processes behind a proxy, workers, PostgreSQL and NATS, on one data directory. */
export class Cluster {
  readonly members: readonly Member[]
  readonly proxy: RoundRobin
  readonly dataDir: string
  readonly databaseUrl: string
  /** Settings that a command needs to work on the same data. */
  readonly env: Readonly<Record<string, string>>

  private constructor(
    members: readonly Member[],
    { proxy, env }: { proxy: RoundRobin; env: Readonly<Record<string, string>> },
  ) {
    this.members = members
    this.proxy = proxy
    this.env = env
    this.dataDir = env['DATA_DIR']!
    this.databaseUrl = env['DATABASE_URL']!
  }

  static async start({ apis, workers, env: more = {} }: ClusterOptions): Promise<Cluster> {
    const [postgres, nats] = await Promise.all([startPostgres(), NatsServer.start()])
    const env = {
      DATABASE_URL: await postgres.createDatabase(),
      NATS_URL: nats.url,
      DATA_DIR: throwAwayDirectory('chaos'),
      SWEEP_INTERVAL: '1',
      ...more,
    }
    const ports = await Promise.all(Array.from({ length: apis }, () => freePort()))
    const services = await Promise.all([
      ...ports.map((port, n) =>
        ServiceMember.start(`api ${n + 1}`, { ...env, ROLE: 'api', PORT: `${port}` }),
      ),
      ...Array.from({ length: workers }, (_, n) =>
        ServiceMember.start(`worker ${n + 1}`, { ...env, ROLE: 'worker' }),
      ),
    ])
    const proxy = await RoundRobin.start(ports)
    return new Cluster([...services, postgresMember(postgres), natsMember(nats)], { proxy, env })
  }

  /** Lines of all logs that report an unexpected error. */
  get faults(): string[] {
    return this.members.flatMap(member => (member instanceof ServiceMember ? member.faults : []))
  }

  async stop(): Promise<void> {
    await this.proxy.close()
    for (const member of this.members) await member.stop()
  }
}

class ServiceMember implements Member {
  readonly name: string
  readonly #env: Readonly<Record<string, string>>
  #service: Service
  readonly #faults: string[] = []

  private constructor(name: string, env: Readonly<Record<string, string>>, service: Service) {
    this.name = name
    this.#env = env
    this.#service = service
  }

  static async start(name: string, env: Readonly<Record<string, string>>): Promise<ServiceMember> {
    return new ServiceMember(name, env, await startService({ env }))
  }

  get faults(): string[] {
    return [...this.#faults, ...faultsOf(this.name, this.#service)]
  }

  async crash(): Promise<void> {
    await this.#again(() => this.#service.kill())
  }

  async restart(): Promise<void> {
    await this.#again(() => this.#service.stop())
  }

  async freeze(ms: number): Promise<void> {
    process.kill(this.#service.pid, 'SIGSTOP')
    await pause(ms)
    process.kill(this.#service.pid, 'SIGCONT')
  }

  async stop(): Promise<void> {
    await this.#service.stop()
  }

  async #again(end: () => Promise<void>): Promise<void> {
    await end()
    this.#faults.push(...faultsOf(this.name, this.#service))
    this.#service = await startService({ env: this.#env })
  }
}

/** Uncaught errors, and what a request met that it has no answer for. */
function faultsOf(name: string, { logs }: Service): string[] {
  return logs
    .filter(({ level = 0, msg = '' }) => level >= 60 || /request failed|unexpected/.test(msg))
    .map(line => `${name}: ${JSON.stringify(line)}`)
}

function postgresMember(postgres: Postgres): Member {
  const again = async (end: () => Promise<void>) => {
    await end()
    await postgres.start()
  }
  return {
    name: 'PostgreSQL',
    crash: () => again(() => postgres.kill()),
    restart: () => again(() => postgres.stop()),
    stop: () => postgres.stop(),
  }
}

function natsMember(nats: NatsServer): Member {
  const again = async (signal: 'SIGTERM' | 'SIGKILL') => {
    await nats.stop(signal)
    await nats.start()
  }
  return {
    name: 'NATS',
    crash: () => again('SIGKILL'),
    restart: () => again('SIGTERM'),
    stop: () => nats.stop(),
  }
}
