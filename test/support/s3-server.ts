import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ChildProgram, startChildProgram } from './child-program.ts'
import { freePort } from './free-port.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

/** Directory in which `scripts/test` installs the program if it is not in PATH. */
const INSTALLED = join(import.meta.dirname, '../../scripts/s3-server/programs/bin/weed')
const BUCKET = 'longtake'
/** The variables that every S3 client reads. */
export const S3_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'longtake', AWS_SECRET_ACCESS_KEY: 'longtake-secret-key' }

/** A private SeaweedFS with its S3 gateway on loopback ports, in a directory that is removed with this process. */
export class S3Server {
  /** Address of the S3 gateway. */
  readonly endpoint: string
  readonly #args: readonly string[]
  #program: ChildProgram<true> | undefined

  private constructor(ports: Readonly<Record<string, number>>, directory: string) {
    this.endpoint = `http://127.0.0.1:${ports['s3.port']}`
    this.#args = [
      ...['mini', `-dir=${directory}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1', `-bucket=${BUCKET}`],
      ...['-admin.ui=false', '-webdav=false', '-master.telemetry=false'],
      ...['-s3.port.iceberg=0', '-s3.port.lance=0', '-volume.preStopSeconds=0'],
      ...Object.entries(ports).map(([name, port]) => `-${name}=${port}`),
    ]
  }

  /** @throws Error if SeaweedFS is not installed. */
  static async start(): Promise<S3Server> {
    const names = ['master', 'volume', 'filer', 's3', 'admin'].flatMap(name => [
      `${name}.port`,
      `${name}.port.grpc`,
    ])
    const ports: Record<string, number> = {}
    for (const name of names) ports[name] = await freePort()
    const server = new S3Server(ports, throwAwayDirectory('s3'))
    await server.start()
    return server
  }

  /** Starts it again after `stop`, with the same objects. */
  async start(): Promise<void> {
    this.#program = await startChildProgram({
      command: existsSync(INSTALLED) ? INSTALLED : 'weed',
      args: this.#args,
      spawn: { env: { ...process.env, ...S3_CREDENTIALS } },
      ready: line => /All enabled components are running/.test(line) || undefined,
      lastSignal: 'SIGKILL',
    })
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL'): Promise<void> {
    await this.#program?.end(signal)
    this.#program = undefined
  }

  /** Of the server that runs. */
  get pid(): number {
    return this.#program!.pid
  }

  /** A value of STORAGE_URL. @param prefix keeps objects of several users of this server apart. */
  url(prefix: string, endpoint = this.endpoint): string {
    const query = new URLSearchParams({ endpoint, region: 'us-east-1', path_style: 'on' })
    return `s3://${BUCKET}/${prefix}?${query}`
  }
}
