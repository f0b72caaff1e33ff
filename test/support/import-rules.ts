import { basename } from 'node:path'
import { cycles, importsOf, withoutComments } from './imports.ts'

/** What each room of the server may import: the errors, decisions that are made once, statements, and the types of settings and tables. */
const COMMON = ['base', 'database/schema.ts', 'database/prepared.ts', 'database/tables']
const COMMON_TYPES = ['config']
/** Rooms that may not, because they are clients, or must not change when the server does. */
const APART = /^(page|migrations|scripts\/(upload|videos|command-line|api-types))\b/
/** What runs in browsers, and what old databases are brought up to date with, uses these packages and no others. */
const PACKAGES: Record<string, RegExp> = {
  page: /^(preact|@preact\/signals|@uppy\/\w[\w-]*)$/,
  migrations: /^kysely$/,
  'scripts/upload': /^(node:.*|tus-js-client)$/,
  'scripts/videos': /^(node:.*|openapi-fetch)$/,
}
/** Commands start parts of the server by themselves: like runtime.ts they choose implementations and read settings. */
const COMMAND = /^scripts\//
/** One of several implementations of an interface: chosen in runtime.ts alone. */
const IMPLEMENTATION = /^(disk|s3|memory|nats|pg|pglite)-|^postgres-locks\./
/** Packages that stay inside one file, so that they could be replaced in a day. */
export const ONE_FILE_PACKAGES = ['fluent-ffmpeg', 'openai']
/** Packages of one protocol, by the rooms of src/ that may import them: everything else knows no protocol. */
export const ONE_ROOM_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@tus/server': ['uploads/tus'],
  '@tus/utils': ['uploads/tus'],
  '@tus/file-store': ['uploads/tus'],
  'structured-headers': ['uploads/ietf'],
}
/** Settings are read in config/load.ts. The other reads PATH, where programs are. */
const READERS = ['config/load.ts', 'processing/programs/search-path.ts']
const FILE_NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.(tsx?|css)$/
const EMPTY_NAMES = /(^|-)(manager|helpers?|utils?)(-|\.)/

/** The rooms, and what each may import: a path that ends in .ts or .tsx is one file, anything else a whole room. */
type Rooms = Readonly<Record<string, readonly string[]>>

/** The innermost room that a file is in; a file at the top is a room of its own. */
function partOf(rooms: Rooms, file: string): string {
  const found = Object.keys(rooms).filter(room => file === room || file.startsWith(`${room}/`))
  return found.reduce((longest, room) => (room.length > longest.length ? room : longest), '') || file
}

function mayImport(rooms: Rooms, from: string, to: string, typesOnly: boolean): boolean {
  const own = rooms[partOf(rooms, from)] ?? []
  const settings = typesOnly || COMMAND.test(from) ? COMMON_TYPES : []
  const allowed = APART.test(from) ? own : [...own, ...COMMON, ...settings]
  return allowed.includes(to) || allowed.includes(partOf(rooms, to))
}

/** All breaches of the rules in files given by their path below the repository, without `src/`. */
export function breachesOf(rooms: Rooms, files: ReadonlyMap<string, string>): string[] {
  const imports = [...files].flatMap(([file, source]) => importsOf(file, source))
  const found: string[] = []
  for (const [file, source] of files) {
    const name = basename(file)
    if (!FILE_NAME.test(name)) found.push(`${file} is not in kebab-case`)
    if (EMPTY_NAMES.test(name)) found.push(`${file} has a name that says nothing`)
    const environment = withoutComments(source).replaceAll('loadConfig(process.env)', '')
    if (
      !COMMAND.test(file) &&
      !READERS.includes(file) &&
      /\bprocess\.env\b|\benv\b[^\n]*from 'node:process'/.test(environment)
    ) {
      found.push(`${file} reads the environment`)
    }
  }
  for (const { from, to, internal, typesOnly } of imports) {
    if (!internal) {
      const packages = Object.entries(PACKAGES).find(([room]) => from === room || from.startsWith(`${room}/`))
      if (packages && !packages[1].test(to)) found.push(`${from} imports the package ${to}`)
      continue
    }
    const same = partOf(rooms, from) === partOf(rooms, to)
    if (!files.has(to) && partOf(rooms, to) !== 'test/support')
      found.push(`${from} imports ${to}, which is not there`)
    if (!same && !mayImport(rooms, from, to, typesOnly)) found.push(`${from} imports ${to}`)
    if (
      IMPLEMENTATION.test(basename(to)) &&
      !IMPLEMENTATION.test(basename(from)) &&
      from !== 'runtime.ts' &&
      !COMMAND.test(from)
    ) {
      found.push(`${from} imports the implementation ${to}`)
    }
  }
  for (const name of ONE_FILE_PACKAGES) {
    const users = new Set(
      imports.filter(({ to, internal }) => !internal && to === name).map(({ from }) => from),
    )
    if (users.size > 1) found.push(`${[...users].join(' and ')} both import ${name}`)
    for (const user of users)
      if (!partOf(rooms, user).startsWith('processing')) found.push(`${user} imports ${name}`)
  }
  for (const { from, to } of imports)
    if (!COMMAND.test(from) && ONE_ROOM_PACKAGES[to]?.includes(partOf(rooms, from)) === false)
      found.push(`${from} imports the package ${to}`)
  return [...found, ...cycles(imports)]
}
