import pg from 'pg'
import t from 'tap'
import { startPostgres } from './postgres.ts'
import { type Service, startService } from './service.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

export interface TwoApis {
  readonly one: Service
  readonly two: Service
  /** A connection to the database that both use. */
  readonly sql: pg.Client
}

/** Starts two api processes on one database and one directory. They end with the test file. @param name of the directory. */
export async function startTwoApis(name: string): Promise<TwoApis> {
  const postgres = await startPostgres()
  const DATABASE_URL = await postgres.createDatabase()
  const env = { DATABASE_URL, DATA_DIR: throwAwayDirectory(name), ROLE: 'api', SWEEP_INTERVAL: '1' }
  const [one, two] = await Promise.all([startService({ env }), startService({ env })])
  const sql = new pg.Client(DATABASE_URL)
  await sql.connect()
  t.teardown(async () => {
    // A test that failed may have left it frozen.
    process.kill(one.pid, 'SIGCONT')
    await sql.end()
    await Promise.all([one.stop(), two.stop()])
    await postgres.stop()
  })
  return { one, two, sql }
}
