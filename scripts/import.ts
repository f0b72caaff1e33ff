import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { ApiError, DirectoryInUseError, StartError } from '../src/base/errors.ts'
import { createLog, scrubber, secretsOf } from '../src/base/log.ts'
import { lockFile } from '../src/base/process-lock.ts'
import type { Config } from '../src/config/config.ts'
import { loadConfig } from '../src/config/load.ts'
import type { Database } from '../src/database/database.ts'
import { openDjango } from '../src/importing/django/django-import.ts'
import { openFolder } from '../src/importing/folder-import.ts'
import { checkItem, type HandleItem, importAll } from '../src/importing/import-all.ts'
import { importItem } from '../src/importing/import-item.ts'
import { type Import, Unreadable } from '../src/importing/item.ts'
import { MediaFolder } from '../src/importing/media-folder.ts'
import { requireOwnFiles } from '../src/importing/own-files.ts'
import { openTusFolder } from '../src/importing/tus/tus-import.ts'
import { openDataDirectory } from '../src/objects/disk/data-directory.ts'
import { openStorage } from '../src/runtime.ts'
import { type Arguments, readArguments, USAGE, UsageError } from './import/arguments.ts'
import { openReport } from './import/report.ts'

const [FAILED, INTERRUPTED] = [2, 130]

class Interrupted extends Error {}

async function main(args: string[]): Promise<number> {
  const given = readArguments(args)
  if (!given) {
    process.stdout.write(USAGE)
    return 0
  }
  const config = loadConfig(process.env)
  const owner = ownerOf(given, config)
  const report = openReport(given)
  const stop = new AbortController()
  // The terminal sends a signal to all processes, and npm then repeats it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stop.abort(new Interrupted()))
  // The source is opened first, because a wrong source is the most likely mistake.
  const source = await openSource(given, config)
  try {
    const outcome = await withService(config, given, async database => {
      const handle = await handlerOf(given, config, owner, database)
      report.begin(source)
      return importAll(source, handle, { signal: stop.signal, watcher: report })
    })
    return report.end(outcome)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    report.interrupted()
    return INTERRUPTED
  } finally {
    await source.close()
  }
}

async function handlerOf(
  { dryRun }: Arguments,
  config: Config,
  owner: string | null,
  database: Database | undefined,
): Promise<HandleItem> {
  if (dryRun || !database) return item => checkItem(item, database?.db)
  const { db } = database
  const { dataDir, uploadExpiry } = config
  const { storage, bytes } = await openStorage(config, await createLog('warn', scrubber(secretsOf(config))))
  await requireOwnFiles(db, storage, dataDir)
  const deps = { db, bytes, owner, expiryS: uploadExpiry }
  return (item, copying) => importItem(deps, item, copying)
}

/** @throws StartError */
function ownerOf({ owner }: Arguments, { auth }: Config): string | null {
  if (owner === undefined && auth.kind !== 'none')
    throw new StartError(
      "--owner is required with AUTH. Name the owner of the imported videos, or use --owner '' for admins only.",
    )
  return owner ?? null
}

async function openSource(given: Arguments, { dataDir }: Config): Promise<Import> {
  const { from, tables, columns, timeZone, mediaUrl } = given
  if (from.kind === 'django') {
    const media = await MediaFolder.open(from.media, '--media')
    return openDjango(from.database, { media, mediaUrl, timeZone }, { tables, columns })
  }
  const folder = await MediaFolder.open(from.folder, from.kind === 'tus' ? '--tus-folder' : '--folder')
  const own = await realpath(dataDir).catch(() => dataDir)
  if (own === folder.path || folder.path.startsWith(own + sep))
    throw new StartError(`${folder.path} is in the DATA_DIR of the service, which already has these files.`)
  return from.kind === 'tus' ? openTusFolder(folder, own) : openFolder(folder, own)
}

/**
 * Opens the database of the service while `work` runs. Only one import can run at a time.
 * @throws StartError
 */
async function withService<T>(
  config: Config,
  { dryRun }: Arguments,
  work: (database: Database | undefined) => Promise<T>,
): Promise<T> {
  const { dataDir, databaseUrl } = config
  // A dry run creates nothing: neither a directory nor tables.
  if (dryRun && !databaseUrl && !existsSync(join(dataDir, 'database'))) return work(undefined)
  openDataDirectory(dataDir)
  const unlock = lockFile(join(dataDir, 'import.lock.sqlite'))
  if (!unlock) throw new StartError(`Another import to ${dataDir} is running. Wait for it, or stop it.`)
  try {
    const database = await openDatabase(config, { migrates: !dryRun })
    if (!database && !dryRun)
      throw new StartError(
        'The service is running, and only one process can use its embedded database. Stop the service, import, and start it again. --dry-run works while it is running.',
      )
    try {
      return await work(database)
    } finally {
      await database?.close()
    }
  } finally {
    unlock()
  }
}

/** @returns undefined if a running service uses the embedded database. */
async function openDatabase(
  config: Config,
  { migrates }: { migrates: boolean },
): Promise<Database | undefined> {
  const { databaseUrl, dataDir } = config
  const log = await createLog('warn', scrubber(secretsOf(config)))
  // Only the needed module is loaded, because loading it takes longer than a small import.
  if (databaseUrl) {
    const { COMMAND_PATIENCE_S, openPostgres } = await import('../src/database/pg-database.ts')
    return openPostgres(databaseUrl, log, { patienceS: COMMAND_PATIENCE_S, migrates })
  }
  const { openPglite } = await import('../src/database/pglite-database.ts')
  return openPglite(dataDir, { log }).catch(error => {
    if (error instanceof DirectoryInUseError) return undefined
    throw error
  })
}

main(process.argv.slice(2)).then(
  code => process.exit(code),
  error => {
    const isUsage = error instanceof UsageError || String(error?.code).startsWith('ERR_PARSE_ARGS')
    const known = isUsage || [StartError, ApiError, Unreadable].some(kind => error instanceof kind)
    process.stderr.write(`${known ? error.message : (error?.stack ?? error)}\n${isUsage ? `\n${USAGE}` : ''}`)
    process.exit(FAILED)
  },
)
