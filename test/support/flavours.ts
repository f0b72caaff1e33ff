import type { Test } from 'tap'
import { NatsServer } from './nats-server.ts'
import { type Postgres, startPostgres } from './postgres.ts'

export type Flavour =
  | { readonly name: 'embedded'; readonly env: Readonly<Record<string, never>> }
  | {
      readonly name: 'served'
      /** For `startService`: an empty database, and a NATS without streams. */
      readonly env: Readonly<Record<'DATABASE_URL' | 'NATS_URL', string>>
      readonly postgres: Postgres
      readonly nats: NatsServer
    }

/**
 * Runs a subtest on each flavour: 'embedded', with nothing set, and 'served', with a private PostgreSQL and nats-server
 * that go with the subtest.
 */
export async function flavours(t: Test, fn: (t: Test, flavour: Flavour) => Promise<void>): Promise<void> {
  await t.test('embedded', t => fn(t, { name: 'embedded', env: {} }))
  await t.test('served', async t => {
    const [postgres, nats] = await Promise.all([startPostgres(), NatsServer.start()])
    // The last to be registered runs first, in tap: the test's own teardowns end what uses these.
    t.teardown(async () => {
      await Promise.all([postgres.stop(), nats.stop()])
    })
    const env = { DATABASE_URL: await postgres.createDatabase(), NATS_URL: nats.url }
    await fn(t, { name: 'served', env, postgres, nats })
  })
}
