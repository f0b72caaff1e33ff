import type { Test } from 'tap'
import type { Flavour } from '../support/flavours.ts'
import { freePort } from '../support/free-port.ts'
import { type Service, startService } from '../support/service.ts'

/** Bytes of the largest upload. */
export const MAX = 10_000_000
/** Seconds. */
export const EXPIRY = 3600

/** A service that is killed and started again, at the same address. */
export interface ConformanceServer {
  readonly service: Service
  /** Once it was killed. */
  startAgain(): Promise<void>
}

export async function startConformanceServer(t: Test, { env }: Flavour): Promise<ConformanceServer> {
  const settings = {
    ...env,
    PORT: String(await freePort()),
    MAX_UPLOAD_SIZE: `${MAX}`,
    UPLOAD_EXPIRY: `${EXPIRY}`,
    ALLOWED_ORIGINS: 'https://a.example',
    // All of these tests together leave many behind.
    MAX_UNFINISHED_UPLOADS: '2000',
  }
  let service = await startService({ env: settings })
  t.teardown(() => service.stop())
  return {
    get service() {
      return service
    },
    async startAgain() {
      service = await startService({ env: { ...settings, DATA_DIR: service.dataDir } })
    },
  }
}
