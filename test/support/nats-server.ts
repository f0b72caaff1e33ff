import { rmSync } from 'node:fs'
import { type ChildProgram, startChildProgram } from './child-program.ts'
import { freePort } from './free-port.ts'
import { freeze } from './freeze.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

/** A private nats-server with JetStream on a loopback port, in a directory that goes with this process; both stay over restarts. */
export class NatsServer {
  readonly url: string
  readonly #port: number
  readonly #directory = throwAwayDirectory('nats')
  readonly #args: readonly string[]
  #program: ChildProgram<true> | undefined

  private constructor(port: number, args: readonly string[] = []) {
    this.#port = port
    this.#args = args
    this.url = `nats://127.0.0.1:${port}`
  }

  /** Servers `n0`, `n1` and so on that form a cluster. JetStream may need some time until it has a leader. */
  static async startCluster(count: number): Promise<NatsServer[]> {
    const names = Array.from({ length: count }, (_, n) => `n${n}`)
    const routes: string[] = []
    for (const _ of names) routes.push(`nats://127.0.0.1:${await freePort()}`)
    const servers = await Promise.all(
      names.map(async (name, n) => {
        const cluster = ['--cluster_name', 'test', '--cluster', routes[n]!, '--routes', routes.join(',')]
        return new NatsServer(await freePort(), ['--name', name, ...cluster])
      }),
    )
    await Promise.all(servers.map(server => server.start()))
    return servers
  }

  /** Has an address but does not run yet. */
  static async prepare(): Promise<NatsServer> {
    return new NatsServer(await freePort())
  }

  /** @throws where `nats-server` is not installed. */
  static async start(): Promise<NatsServer> {
    const server = await NatsServer.prepare()
    await server.start()
    return server
  }

  async start(): Promise<void> {
    this.#program = await startChildProgram({
      command: 'nats-server',
      args: [
        ...['--addr', '127.0.0.1', '--port', `${this.#port}`],
        ...['--jetstream', '--store_dir', this.#directory, ...this.#args],
      ],
      ready: line => line.includes('Server is ready') || undefined,
      lastSignal: 'SIGKILL',
    })
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#program?.end(signal)
    this.#program = undefined
  }

  /** Of the server that runs. */
  get pid(): number {
    return this.#program!.pid
  }

  /** Keeps its connections open but answers nothing any more, as behind a network that drops packets; to be followed by `stop('SIGKILL')`. */
  async freeze(): Promise<void> {
    await freeze(this.#program!.pid)
  }

  /** Removes all that JetStream has stored, between `stop` and `start`. */
  wipe(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
