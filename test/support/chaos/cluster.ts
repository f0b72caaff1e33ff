import { freePort } from '../free-port.ts'
import { storedFiles } from '../leftovers.ts'
import { NatsServer } from '../nats-server.ts'
import { startPostgres } from '../postgres.ts'
import { S3_CREDENTIALS, S3Server } from '../s3-server.ts'
import { s3Storage } from '../s3-storage.ts'
import type { LogLine } from '../service.ts'
import { throwAwayDirectory } from '../throw-away-directory.ts'
import { type Member, postgresMember, ServiceMember, serverMember } from './members.ts'
import { RoundRobin } from './round-robin.ts'

export interface ClusterOptions {
  readonly apis: number
  readonly workers: number
  readonly storage: 'disk' | 's3'
  /** Further settings of all processes. */
  readonly env?: Readonly<Record<string, string>>
}

/** Several api processes behind a proxy, workers, PostgreSQL and NATS, on one data directory or on one S3 server. */
export class Cluster {
  readonly members: readonly Member[]
  readonly proxy: RoundRobin
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
    this.databaseUrl = env['DATABASE_URL']!
  }

  static async start({ apis, workers, storage, env: more = {} }: ClusterOptions): Promise<Cluster> {
    const [postgres, nats, s3] = await Promise.all([
      startPostgres(),
      NatsServer.start(),
      storage === 's3' ? S3Server.start() : undefined,
    ])
    const env = {
      DATABASE_URL: await postgres.createDatabase(),
      NATS_URL: nats.url,
      DATA_DIR: throwAwayDirectory('chaos'),
      SWEEP_INTERVAL: '2',
      ...(s3 && { STORAGE_URL: s3.url('chaos'), ...S3_CREDENTIALS }),
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
    const servers = [postgresMember(postgres), serverMember('NATS', nats)]
    if (s3) servers.push(serverMember('S3', s3))
    return new Cluster([...services, ...servers], { proxy, env })
  }

  /** Lines of all logs that report an unexpected error. */
  get faults(): string[] {
    return this.#services.flatMap(({ faults }) => faults)
  }

  /** Lines of all logs, with the names of the processes, in the order of time. */
  get logs(): readonly { name: string; line: LogLine }[] {
    return this.#services
      .flatMap(({ name, logs }) => logs.map(line => ({ name, line })))
      .sort((one, other) => timeOf(one.line) - timeOf(other.line))
  }

  /** Chunks of recordings in the storage. */
  async chunks(): Promise<string[]> {
    const url = this.env['STORAGE_URL']
    if (!url) return storedFiles(this.env['DATA_DIR']!, 'recordings')
    const found: string[] = []
    for await (const keys of s3Storage(url).objects.list!('recordings/')) found.push(...keys)
    return found
  }

  /** Stops all members, the processes first. @returns the errors of those that did not stop in order. */
  async stop(): Promise<string[]> {
    await this.proxy.close()
    const faults: string[] = []
    for (const member of this.members)
      await member.stop().catch(error => faults.push(`the last stop of ${member.name}: ${error}`))
    return faults
  }

  get #services(): ServiceMember[] {
    return this.members.filter(member => member instanceof ServiceMember)
  }
}

/** Milliseconds since 1970. */
export function timeOf({ time }: LogLine): number {
  return typeof time === 'string' ? Date.parse(time) : Number(time)
}
