import type { KyselyPlugin } from 'kysely'
import { pino } from 'pino'
import t from 'tap'
import { openPostgres } from '../../src/database/pg-database.ts'
import { listVideos } from '../../src/videos/catalogue/video-list.ts'
import { getVideo } from '../../src/videos/catalogue/videos.ts'
import { addVideo, complete, FACTS } from '../support/catalogue-rows.ts'
import { startPostgres } from '../support/postgres.ts'

const EVERYBODYS = { all: true, owner: null } as const

t.test('a video is read as it was at one moment, whatever is committed meanwhile', async t => {
  const postgres = await startPostgres()
  t.teardown(() => postgres.stop())
  const { db, close } = await openPostgres(await postgres.createDatabase(), pino({ level: 'silent' }))
  t.teardown(close)
  const readers = {
    one: async (db: typeof readingDb, id: string) => getVideo(db, id),
    list: async (db: typeof readingDb) => (await listVideos(db, EVERYBODYS, { limit: 1 })).items[0]!,
  }
  let between = async () => {}
  /** Has something else happen behind the first statement that finds something. */
  const interruption: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      const run = between
      if (result.rows.length > 0) {
        between = async () => {}
        await run()
      }
      return result
    },
  }
  const readingDb = db.withPlugin(interruption)
  for (const [name, read] of Object.entries(readers)) {
    const id = await addVideo(db)
    between = async () => {
      await complete(db, id, 'probe', { facts: { ...FACTS, duration: 7 } })
    }
    const video = await read(readingDb, id)
    const probe = video.steps.find(step => step.name === 'probe')
    t.equal(probe?.state === 'done', video.duration === 7, `${name}: ${probe?.state}, ${video.duration}`)
    t.match(await getVideo(db, id), { duration: 7 }, 'the other transaction was committed')
  }
})
