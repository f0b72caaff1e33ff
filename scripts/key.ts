import { parseArgs } from 'node:util'
import { isOwner } from '../src/access/access.ts'
import { createKey, listKeys, revokeKey } from '../src/access/api-keys.ts'
import { StartError } from '../src/base/errors.ts'
import { isCanonicalId } from '../src/base/ids.ts'
import { createLog, scrubber, secretsOf } from '../src/base/log.ts'
import { loadConfig } from '../src/config/load.ts'
import type { Database } from '../src/database/database.ts'
import { COMMAND_PATIENCE_S, openPostgres } from '../src/database/pg-database.ts'
import { openPglite } from '../src/database/pglite-database.ts'
import { SCOPES } from '../src/database/tables/access.ts'
import { openDataDirectory } from '../src/objects/disk/data-directory.ts'

const USAGE = `Manages the keys for AUTH=api_key.

  npm run key -- create --owner NAME [--scopes read,write] [--name TEXT]
  npm run key -- list
  npm run key -- revoke ID

--owner   the owner whose videos the key can create and see
--scopes  one or more of ${SCOPES.join(', ')} (default: read,write); admin sees the videos of all owners
--name    a note on the purpose of the key

The database is that of DATABASE_URL or DATA_DIR. The embedded database can be used only while the service is stopped.
`

class UsageError extends Error {}

async function main([command, ...args]: string[]): Promise<void> {
  if (command === '--help' || command === '-h') return say(USAGE)
  const run = command !== undefined && Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  if (!run) throw new UsageError('The command must be create, list or revoke.')
  await run(args)
}

const COMMANDS: Record<string, (args: string[]) => Promise<void>> = {
  async create(args) {
    const { values } = parseArgs({
      args,
      options: {
        owner: { type: 'string' },
        scopes: { type: 'string', default: 'read,write' },
        name: { type: 'string', default: '' },
      },
    })
    const { owner, name } = values
    if (!isOwner(owner)) throw new UsageError('--owner must be a name of 1 to 255 characters.')
    const named = values.scopes.split(',').map(scope => scope.trim())
    const unknown = named.find(scope => !SCOPES.some(known => known === scope))
    if (unknown !== undefined)
      throw new UsageError(`--scopes: "${unknown}" is not one of ${SCOPES.join(', ')}.`)
    const scopes = SCOPES.filter(scope => named.includes(scope))
    await withDatabase(async ({ db }) => {
      const { secret, key } = await createKey(db, { owner, scopes, name })
      process.stderr.write(`Key ${key.id} of ${owner} (${scopes.join(', ')}). It is shown only once:\n`)
      say(`${secret}\n`)
    })
  },
  async list(args) {
    parseArgs({ args })
    await withDatabase(async ({ db }) => {
      for (const { id, owner, scopes, name, created_at, revoked_at } of await listKeys(db)) {
        const state = revoked_at ? `revoked ${revoked_at.toISOString()}` : 'in use'
        say(`${[id, owner, scopes.join(','), created_at.toISOString(), state, name].join('\t')}\n`)
      }
    })
  },
  async revoke(args) {
    const { positionals } = parseArgs({ args, allowPositionals: true })
    const [id = ''] = positionals
    if (positionals.length !== 1 || !isCanonicalId(id))
      throw new UsageError('revoke needs the id of a key, as shown by list.')
    await withDatabase(async ({ db }) => {
      if (!(await revokeKey(db, id))) throw new UsageError(`The key ${id} does not exist.`)
      say(`The key ${id} was revoked.\n`)
    })
  },
}

async function withDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env)
  const { databaseUrl, dataDir } = config
  const log = await createLog('warn', scrubber(secretsOf(config)))
  const database = databaseUrl
    ? await openPostgres(databaseUrl, log, { patienceS: COMMAND_PATIENCE_S })
    : await openEmbedded(dataDir)
  try {
    await work(database)
  } finally {
    await database.close()
  }
}

function openEmbedded(dataDir: string): Promise<Database> {
  openDataDirectory(dataDir)
  return openPglite(dataDir)
}

function say(text: string): void {
  process.stdout.write(text)
}

main(process.argv.slice(2)).catch(error => {
  const isUsage = error instanceof UsageError || String(error?.code).startsWith('ERR_PARSE_ARGS')
  const known = isUsage || error instanceof StartError
  process.stderr.write(`${known ? error.message : (error?.stack ?? error)}\n${isUsage ? `\n${USAGE}` : ''}`)
  process.exitCode = 1
})
