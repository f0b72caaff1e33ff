import type { AddressInfo } from 'node:net'
import type { Config } from '../config/config.ts'

export interface Addresses {
  /** The address at which the service listens. */
  readonly listening: string
  /** The addresses of the page and of the API's documentation. */
  readonly page: string
  readonly docs: string
}

/** The addresses of a service. A browser can't open 0.0.0.0 or [::], but the loopback address, if there is no public one. */
export function addressesOf({ address, family, port }: AddressInfo, { publicUrl }: Config): Addresses {
  const url = (host: string) => `http://${host}:${port}`
  const host = family === 'IPv6' ? `[${address}]` : address
  const local = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' }[host] ?? host
  const page = publicUrl?.replace(/\/$/, '') ?? url(local)
  return { listening: url(host), page, docs: `${page}/docs` }
}

/** The lines that a start prints for people. A worker has no addresses. */
export function banner(config: Config, transcripts: string, addresses?: Addresses): string {
  const lines = [
    ...(addresses ? [`Page:        ${addresses.page}`, `API:         ${addresses.docs}`] : []),
    `Data:        ${dataText(config)}`,
    transcripts,
  ]
  return `${lines.join('\n')}\n`
}

/** The data directory, and the servers that hold data, without their credentials. */
function dataText({ dataDir, databaseUrl, storageUrl }: Config): string {
  const database = databaseUrl && new URL(databaseUrl)
  return [
    dataDir,
    database && `PostgreSQL at ${database.host}${database.pathname}`,
    storageUrl && `bucket ${storageUrl.bucket}`,
  ]
    .filter(Boolean)
    .join(', ')
}
