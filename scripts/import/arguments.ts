import { parseArgs } from 'node:util'
import { isOwner } from '../../src/access/access.ts'
import { isTimeZone } from '../../src/importing/django/old-times.ts'
import { type Choices, ROLES, USES, type Use } from '../../src/importing/django/table-plan.ts'

export const USAGE = `Imports the videos of other applications. Nothing is imported twice, so the command can be repeated at any time, and an
interrupted import resumes.

  npm run import -- --database FILE-OR-URL --media FOLDER   a Django application: SQLite, or postgres://user:password@host/database
  npm run import -- --tus-folder FOLDER                     uploads of tusd (.info) or @tus/server (.json), also unfinished ones
  npm run import -- --folder FOLDER                         all video and audio files in a folder and its subfolders

--dry-run             report what was recognised and what cannot be read, and change nothing
--owner NAME          the owner of the videos, required with AUTH; with --owner '' only admins see them
--json                print one JSON object per line

For a Django application:
--videos TABLE, --recordings TABLE, --chunks TABLE   the tables to import; "none" skips one
--column USE.ROLE=COLUMN   the column for a role, such as videos.file=clip; "none" if no column has the role
                           roles: ${ROLES.join(', ')}
--time-zone NAME      time zone of times without an offset (default UTC), such as Europe/Berlin if the application had USE_TZ = False
--media-url PATH      prefix of file URLs (default /media/), as in MEDIA_URL

The settings are those of the service: DATA_DIR, DATABASE_URL, AUTH, UPLOAD_EXPIRY. Stop a service with the embedded database first.
Exit codes: 0 everything was imported, 1 some items were not imported (see the list at the end), 2 the import failed, 130 interrupted.
`

export class UsageError extends Error {}

export interface Arguments {
  readonly from:
    | { readonly kind: 'django'; readonly database: string; readonly media: string }
    | { readonly kind: 'tus' | 'folder'; readonly folder: string }
  readonly dryRun: boolean
  readonly json: boolean
  /** Undefined without the option; null for admins only. */
  readonly owner: string | null | undefined
  readonly tables: Readonly<Partial<Record<Use, string>>>
  readonly columns: Choices
  readonly timeZone: string
  readonly mediaUrl: string
}

/** @returns undefined with `--help`. @throws UsageError */
export function readArguments(args: readonly string[]): Arguments | undefined {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args: [...args],
    options: {
      database: text,
      media: text,
      'tus-folder': text,
      folder: text,
      'dry-run': flag,
      json: flag,
      owner: text,
      videos: text,
      recordings: text,
      chunks: text,
      column: { type: 'string', multiple: true, default: [] },
      'time-zone': { type: 'string', default: 'UTC' },
      'media-url': { type: 'string', default: '/media/' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const { owner, videos, recordings, chunks } = values
  if (owner !== undefined && owner !== '' && !isOwner(owner))
    throw new UsageError('--owner must have 1 to 255 characters.')
  if (!isTimeZone(values['time-zone']))
    throw new UsageError(`--time-zone: "${values['time-zone']}" is not a time zone such as Europe/Berlin.`)
  if (!values['media-url'].startsWith('/')) throw new UsageError('--media-url must begin with a slash.')
  return {
    from: sourceOf(values),
    dryRun: values['dry-run'],
    json: values.json,
    owner: owner === '' ? null : owner,
    tables: { ...(videos && { videos }), ...(recordings && { recordings }), ...(chunks && { chunks }) },
    columns: choicesOf(values.column),
    timeZone: values['time-zone'],
    mediaUrl: `${values['media-url'].replace(/\/+$/, '')}/`,
  }
}

function sourceOf(values: {
  database?: string | undefined
  media?: string | undefined
  'tus-folder'?: string | undefined
  folder?: string | undefined
}): Arguments['from'] {
  const { database, media, folder, 'tus-folder': tusFolder } = values
  const given = [database ?? media, tusFolder, folder].filter(value => value !== undefined)
  if (given.length !== 1)
    throw new UsageError('Choose one source: --database and --media, --tus-folder, or --folder.')
  if (given[0] === '') throw new UsageError('The name of the source is empty.')
  if (tusFolder !== undefined) return { kind: 'tus', folder: tusFolder }
  if (folder !== undefined) return { kind: 'folder', folder }
  if (!database || !media) throw new UsageError('--database and --media must be used together.')
  return { kind: 'django', database, media }
}

function choicesOf(given: readonly string[]): Choices {
  const choices = new Map<`${Use}.${(typeof ROLES)[number]}`, string>()
  for (const choice of given) {
    const [, use, role, column] = /^(\w+)\.(\w+)=(.+)$/.exec(choice) ?? []
    const knownUse = USES.find(each => each === use)
    const knownRole = ROLES.find(each => each === role)
    if (!knownUse || !knownRole || !column)
      throw new UsageError(
        `--column ${choice}: the format is USE.ROLE=COLUMN. Uses are ${USES.join(', ')}; roles are ${ROLES.join(', ')}.`,
      )
    choices.set(`${knownUse}.${knownRole}`, column)
  }
  return choices
}
