// A process that holds an upload's lock. Arguments: DATABASE_URL, the upload's id. Prints a line for each thing that happens. SIGUSR2 lets it
// take the lock once more at the end.
import { once } from 'node:events'
import { pino } from 'pino'
import { openPostgres } from '../../src/database/pg-database.ts'
import { ProcessSession } from '../../src/database/process-session.ts'
import { advanceOffsets, findUpload } from '../../src/uploads/core/upload-rows.ts'
import { PgLockMessages } from '../../src/uploads/locks/pg-lock-messages.ts'
import { PostgresLocks } from '../../src/uploads/locks/postgres-locks.ts'

const [url = '', id = ''] = process.argv.slice(2)
const log = pino({ level: 'silent' })
const { db, close } = await openPostgres(url, log)
const holder = crypto.randomUUID()
const session = new ProcessSession(url, log)
await session.open()
const messages = await PgLockMessages.open(session, holder)
const locks = new PostgresLocks({ holder, db, messages, log })

const mayGoOn = once(process, 'SIGUSR2')
const asked = Promise.withResolvers<string>()
await locks.run(
  id,
  async ({ generation }) => {
    console.log(`holds ${generation}`)
    console.log(`asked ${await asked.promise}`)
    const { offset = 0 } = (await findUpload(db, id)) ?? {}
    const moved = await advanceOffsets(
      db,
      [{ id, from: offset, to: offset + 1, state: null, generation: generation! }],
      60,
    )
    console.log(`moved ${moved.length}`)
    console.log(`confirmed ${await locks.confirm(id)}`)
  },
  { onRelease: asked.resolve },
)
await mayGoOn
await locks.run(id, async ({ generation }) => console.log(`again ${generation}`))
await locks.releaseAll()
await session.close()
await close()
