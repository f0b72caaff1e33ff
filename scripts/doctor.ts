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

const USAGE = `Looks whether rows and files belong together, while the service runs or not.

  npm run doctor -- [--deep] [--repair] [--json]

--deep    reads every file and compares it with the hash that was taken when it was made; interrupted, the next
          --deep goes on where it was
--repair  sets right what can be set right without losing data: makes artifacts again, moves files that no row
          knows to DATA_DIR/lost-and-found, enters lost rows. It deletes nothing
--json    prints one JSON object a line

It uses the settings of the service. Exit codes: 0 all is well, 1 something was found, 2 it could not look.
`

const [CLEAN, FOUND, COULD_NOT_LOOK] = [0, 1, 2]

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
  if (!existsSync(dataDir)) throw new StartError(`DATA_DIR: there is no directory ${dataDir}.`)
  openDataDirectory(dataDir)
  const database = await openDatabase(config)
  if (!database) return yield* askRunningService(dataDir, options)
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

/** @returns undefined when a running service has the embedded database. */
async function openDatabase(config: Config): Promise<Database | undefined> {
  const { databaseUrl, dataDir } = config
  const log = await openLog(config)
  if (databaseUrl) return openPostgres(databaseUrl, log, { patienceS: COMMAND_PATIENCE_S, migrates: false })
  if (!existsSync(join(dataDir, 'database')))
    throw new StartError(`DATA_DIR: there is no database in ${dataDir}; DATABASE_URL may be missing.`)
  return openPglite(dataDir, { log }).catch(error => {
    if (error instanceof DirectoryInUseError) return undefined
    throw error
  })
}

async function* askRunningService(dataDir: string, options: ExamineOptions): AsyncGenerator<DoctorEvent> {
  try {
    yield* examineByService(dataDir, options)
  } catch (error) {
    throw new StartError(`The running service could not look at ${dataDir}: ${(error as Error).message}.`)
  }
}

function print(event: DoctorEvent, json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify(event)}\n`)
  if ('progress' in event) return void process.stderr.write(`${event.progress}\n`)
  if ('end' in event) {
    const { findings } = event.end
    const text =
      findings === 0
        ? 'All is well.'
        : findings === 1
          ? '1 thing was found.'
          : `${findings} things were found.`
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
    process.exit(COULD_NOT_LOOK)
  },
)
