import type { Test } from 'tap'
import { freePort } from './free-port.ts'
import { serviceLeftNothing } from './nothing-left.ts'
import { type Service, startService } from './service.ts'

/** A service that many tests run on, one after another, because its start takes longer than most of them. */
export interface LastingService {
  /** The one of today. */
  readonly service: Service
  /** Starts it once it was killed, at the same address and on the same data. */
  startAgain(): Promise<void>
}

/** Starts a service that stops at the end of the test. It must leave nothing leased or locked then. */
export async function startLastingService(
  t: Test,
  env: Readonly<Record<string, string>>,
): Promise<LastingService> {
  const settings = { ...env, PORT: String(await freePort()) }
  let service = await startService({ env: settings })
  let wasKilled = false
  t.teardown(async () => {
    await service.stop()
    // What a killed process leaves, another one takes over when it needs it.
    if (!wasKilled) await serviceLeftNothing(env['DATABASE_URL'], service.dataDir)
  })
  return {
    get service() {
      return service
    },
    async startAgain() {
      wasKilled = true
      service = await startService({ env: { ...settings, DATA_DIR: service.dataDir } })
    },
  }
}
