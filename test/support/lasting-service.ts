import type { Test } from 'tap'
import { freePort } from './free-port.ts'
import { type Service, startService } from './service.ts'

/** A service that many tests run on, one after another, because its start takes longer than most of them. */
export interface LastingService {
  /** The one of today. */
  readonly service: Service
  /** Starts it once it was killed, at the same address and on the same data. */
  startAgain(): Promise<void>
}

/** Starts one that goes with the test. */
export async function startLastingService(
  t: Test,
  env: Readonly<Record<string, string>>,
): Promise<LastingService> {
  const settings = { ...env, PORT: String(await freePort()) }
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
