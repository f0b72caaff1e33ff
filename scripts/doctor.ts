import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Logger } from 'pino'
import { DirectoryInUseError, StartError } from '../src/base/errors.ts'
import { createLog, scrubber, secretsOf } from '../src/base/log.ts'
import type { Config } from '../src/config/config.ts'
import { loadConfig } from '../src/config/load.ts'
import type { Database } from '../src/database/database.ts'
import { COMMAND_PATIENCE_S, openPostgres } from '../src/database/pg-database.ts'
import { openPglite } from '../src/database/pglite-database.ts'
import { type DoctorEvent, type ExamineOptions, examine } from '../src/doctor/examine.ts'
import { examineByService } from '../src/doctor/local-socket.ts'
import { openDataDirectory } from '../src/objects/disk/data-directory.ts'
import { openStorage } from '../src/runtime.ts'

const USAGE = `Checks that the database and the stored files match. The service may be running.

  npm run doctor -- [--deep] [--repair] [--json]

--deep    also read every file and compare it with the hash that was computed when it was created. After an
          interruption, the next run with --deep resumes
--repair  repair faults that can be repaired without losing data: recreate artifacts, move unknown files to
          DATA_DIR/lost-and-found, restore lost rows. Nothing is deleted
--json    print one JSON object per line

The settings are those of the service. Exit codes: 0 no faults, 1 faults were found, 2 the check failed.
`

const [CLEAN, FOUND, FAILED] = [0, 1, 2]

class UsageError extends Error {}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      deep: { type: 'boolean', default: false },
      repair: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    return CLEAN
  }
  const { deep, repair, json } = values
  let findings = 0
  for await (const event of events(loadConfig(process.env), { deep, repair })) {
    if ('end' in event) findings = event.end.findings
    print(event, json)
  }
  return findings > 0 ? FOUND : CLEAN
}

async function* events(config: Config, options: ExamineOptions): AsyncGenerator<DoctorEvent> {
  const { dataDir } = config
  if (!existsSync(dataDir)) throw new StartError(`DATA_DIR: the directory ${dataDir} does not exist.`)
  openDataDirectory(dataDir)
  const database = await openDatabase(config)
  if (!database) return yield* examineRunningService(dataDir, options)
  try {
    yield* examine(
      { db: database.db, dataDir, ...(await openStorage(config, await openLog(config))) },
      options,
    )
  } finally {
    await database.close()
  }
}

function openLog(config: Config): Promise<Logger> {
  return createLog('warn', scrubber(secretsOf(config)))
}

/** @returns undefined if a running service uses the embedded database. */
async function openDatabase(config: Config): Promise<Database | undefined> {
  const { databaseUrl, dataDir } = config
  const log = await openLog(config)
  if (databaseUrl) return openPostgres(databaseUrl, log, { patienceS: COMMAND_PATIENCE_S, migrates: false })
  if (!existsSync(join(dataDir, 'database')))
    throw new StartError(`DATA_DIR: ${dataDir} contains no database. Perhaps DATABASE_URL is not set.`)
  return openPglite(dataDir, { log }).catch(error => {
    if (error instanceof DirectoryInUseError) return undefined
    throw error
  })
}

async function* examineRunningService(dataDir: string, options: ExamineOptions): AsyncGenerator<DoctorEvent> {
  try {
    yield* examineByService(dataDir, options)
  } catch (error) {
    throw new StartError(`The running service could not check ${dataDir}: ${(error as Error).message}.`)
  }
}

function print(event: DoctorEvent, json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify(event)}\n`)
  if ('progress' in event) return void process.stderr.write(`${event.progress}\n`)
  if ('end' in event) {
    const { findings } = event.end
    const text =
      findings === 0 ? 'No faults found.' : findings === 1 ? '1 fault found.' : `${findings} faults found.`
    return void process.stdout.write(`${text}\n`)
  }
  process.stdout.write(`${event.finding.message}\n`)
  if (event.repair !== undefined) process.stdout.write(`  ${event.repair}\n`)
}

main(process.argv.slice(2)).then(
  code => process.exit(code),
  error => {
    const isUsage = error instanceof UsageError || String(error?.code).startsWith('ERR_PARSE_ARGS')
    process.stderr.write(`${error?.message ?? error}\n${isUsage ? `\n${USAGE}` : ''}`)
    process.exit(FAILED)
  },
)
