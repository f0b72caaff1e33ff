import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import t from 'tap'

/** The rooms below src/ and what each may import besides itself: a path that ends in .ts is one file, anything else a whole room. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'main.ts': [
    'config',
    'runtime.ts',
    'http',
    'uploads/core',
    'uploads/locks',
    'uploads/recordings',
    'processing',
    'processing/worker',
    'processing/programs',
    'processing/speech',
    'messaging',
    'videos/catalogue',
    'videos/pipeline',
    'webhooks',
    'doctor',
  ],
  'runtime.ts': ['config', 'messaging', 'objects', 'objects/disk', 'database'],
  config: [],
  base: [],
  database: [],
  'database/tables': [],
  messaging: [],
  objects: [],
  'objects/disk': ['objects'],
  access: ['videos/catalogue/viewer.ts'],
  'uploads/core': [
    'objects',
    'database/database-time.ts',
    'uploads/locks',
    'uploads/tus/tus-request.ts',
    'uploads/recordings',
    'videos/catalogue',
    'videos/transcripts',
  ],
  'uploads/locks': ['uploads/core'],
  'uploads/tus': ['uploads/core', 'uploads/locks'],
  'uploads/ietf': ['uploads/core', 'uploads/tus', 'objects'],
  'uploads/recordings': ['uploads/core', 'uploads/locks', 'objects'],
  'videos/search': [],
  'videos/transcripts': ['videos/search'],
  'videos/pipeline': ['messaging/outbox.ts', 'objects/removals.ts', 'videos/transcripts'],
  'videos/catalogue': [
    'database/snapshot.ts',
    'messaging/outbox.ts',
    'objects/removals.ts',
    'videos/search',
    'videos/transcripts',
    'videos/pipeline',
  ],
  processing: ['objects', 'videos/catalogue', 'videos/pipeline', 'processing/media', 'processing/speech'],
  'processing/programs': [],
  'processing/media': ['processing/programs', 'processing/step.ts', 'videos/transcripts'],
  'processing/speech': [
    'processing/programs',
    'processing/media',
    'processing/step.ts',
    'videos/catalogue',
    'videos/pipeline',
    'videos/transcripts',
  ],
  'processing/worker': [
    'processing/programs',
    'processing/step.ts',
    'objects',
    'messaging/queue.ts',
    'videos/catalogue',
    'videos/pipeline',
  ],
  http: [
    'http/routes',
    'access',
    'uploads/core',
    'uploads/locks',
    'uploads/tus',
    'uploads/ietf',
    'uploads/recordings',
    'videos/catalogue',
    'videos/pipeline',
    'videos/transcripts',
    'processing/media/edit-list.ts',
    'objects',
    'messaging/queue.ts',
  ],
  'http/routes': [
    'http',
    'access',
    'uploads/core',
    'uploads/ietf',
    'uploads/recordings',
    'videos/catalogue',
    'videos/pipeline',
    'videos/transcripts',
    'webhooks',
    'objects',
    'messaging/queue.ts',
  ],
  doctor: ['uploads/core', 'videos/pipeline', 'videos/search'],
  importing: ['uploads/core', 'videos/transcripts', 'objects', 'processing/programs/container.ts'],
  webhooks: ['database/database-time.ts'],
}
/** What everyone may import: the errors, decisions that are made once, and the types of settings and tables. */
const COMMON = ['base', 'database/schema.ts', 'database/tables']
const COMMON_TYPES = ['config']
/** One of several implementations of an interface: chosen in runtime.ts alone. */
const IMPLEMENTATION = /^(disk|s3|memory|nats|pg|pglite)-/
/** Packages that stay inside one file, so that they could be replaced in a day. */
const ONE_FILE_PACKAGES = ['fluent-ffmpeg', 'openai']
/** Settings are read in config.ts. The other reads PATH, where programs are. */
const READERS = ['config/config.ts', 'processing/programs/search-path.ts']
const FILE_NAME = /^[a-z0-9]+(-[a-z0-9]+)*\.ts$/
const EMPTY_NAMES = /(^|-)(manager|helpers?|utils?)(-|\.)/

interface Import {
  readonly from: string
  /** A path below src/, or a package's name. */
  readonly to: string
  readonly internal: boolean
  readonly typesOnly: boolean
}

const STATEMENT =
  /^[ \t]*(?:import|export)(?<type>[ \t]+type\b)?(?:\s*(?<names>[\w$*\s{},]*?)\s*from)?\s*(['"])(?<path>[^'"]+)\3/gm
const DYNAMIC = /\bimport\(\s*(['"])(?<path>[^'"]+)\1\s*\)/g

function importsOf(file: string, source: string): Import[] {
  const code = withoutComments(source)
  return [...code.matchAll(STATEMENT), ...code.matchAll(DYNAMIC)].map(({ groups = {} }) => {
    const path = groups['path']!
    const internal = path.startsWith('.')
    const names = /^\{(?<list>[^}]*)\}$/.exec(groups['names'] ?? '')?.groups?.['list']
    const eachIsType = names
      ?.split(',')
      .filter(name => name.trim())
      .every(name => name.trim().startsWith('type '))
    const to = internal ? normalize(join(dirname(file), path)) : packageName(path)
    return { from: file, to, internal, typesOnly: Boolean(groups['type'] || eachIsType) }
  })
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
}

function packageName(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The innermost room that a file is in; a file at the top is a room of its own. */
function partOf(file: string): string {
  const rooms = Object.keys(MAY_IMPORT).filter(room => file === room || file.startsWith(`${room}/`))
  return rooms.reduce((found, room) => (room.length > found.length ? room : found), '') || file
}

/** All breaches of the rules in files given by their path below src/. */
function breaches(files: ReadonlyMap<string, string>): string[] {
  const imports = [...files].flatMap(([file, source]) => importsOf(file, source))
  const found: string[] = []
  for (const [file, source] of files) {
    const name = basename(file)
    if (!FILE_NAME.test(name)) found.push(`${file} is not in kebab-case`)
    if (EMPTY_NAMES.test(name)) found.push(`${file} has a name that says nothing`)
    const environment = withoutComments(source).replaceAll('loadConfig(process.env)', '')
    if (!READERS.includes(file) && /\bprocess\.env\b|\benv\b[^\n]*from 'node:process'/.test(environment)) {
      found.push(`${file} reads the environment`)
    }
  }
  for (const { from, to, internal, typesOnly } of imports) {
    if (internal) {
      const allowed = [...(MAY_IMPORT[partOf(from)] ?? []), ...COMMON, ...(typesOnly ? COMMON_TYPES : [])]
      const same = partOf(from) === partOf(to)
      if (!files.has(to)) found.push(`${from} imports ${to}, which is not there`)
      if (!same && !allowed.includes(to) && !allowed.includes(partOf(to))) found.push(`${from} imports ${to}`)
      if (
        IMPLEMENTATION.test(basename(to)) &&
        !IMPLEMENTATION.test(basename(from)) &&
        from !== 'runtime.ts'
      ) {
        found.push(`${from} imports the implementation ${to}`)
      }
    }
  }
  for (const name of ONE_FILE_PACKAGES) {
    const users = new Set(
      imports.filter(({ to, internal }) => !internal && to === name).map(({ from }) => from),
    )
    if (users.size > 1) found.push(`${[...users].join(' and ')} both import ${name}`)
    for (const user of users)
      if (!partOf(user).startsWith('processing')) found.push(`${user} imports ${name}`)
  }
  return [...found, ...cycles(imports)]
}

function cycles(imports: readonly Import[]): string[] {
  const edges = new Map<string, string[]>()
  for (const { from, to, internal } of imports) {
    if (internal) edges.set(from, [...(edges.get(from) ?? []), to])
  }
  const done = new Set<string>()
  const found: string[] = []
  function visit(file: string, path: readonly string[]): void {
    if (path.includes(file)) found.push(`a cycle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`)
    if (done.has(file) || path.includes(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  return found
}

t.test('src/ keeps to the import rules', async t => {
  const root = join(import.meta.dirname, '..', 'src')
  const paths = globSync('**/*.ts', { cwd: root, exclude: ['page/**'] })
  const files = new Map(
    paths.map(path => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]),
  )
  t.ok(files.has('config/config.ts') && files.has('base/errors.ts'), 'the files are found')
  t.same(breaches(files), [])
  const packages = [...files].flatMap(([file, source]) => importsOf(file, source)).map(({ to }) => to)
  for (const name of ONE_FILE_PACKAGES) t.ok(packages.includes(name), `${name} is imported`)
})

t.test('the rules catch what breaks them', async t => {
  const allowed: Record<string, string> = {
    'config/config.ts':
      "import { StartError } from '../base/errors.ts'\nexport const path = process.env.PATH",
    'base/errors.ts': '',
    'runtime.ts': "import { openDisk } from './objects/disk-storage.ts'",
    'main.ts':
      "import { loadConfig } from './config/config.ts'\nimport './runtime.ts'\nloadConfig(process.env)",
    'database/schema.ts': '',
    'objects/object-storage.ts': "import type { Db } from '../database/schema.ts'",
    'objects/disk-storage.ts': "import type { Storage } from './object-storage.ts'",
    'videos/catalogue/videos.ts':
      "import type { Config } from '../../config/config.ts'\nimport { type Db } from '../../database/schema.ts'",
    'uploads/core/finish.ts': "import {\n  one,\n  type Two,\n} from '../../videos/catalogue/videos.ts'",
    'processing/programs/ffmpeg.ts': "import ffmpeg from 'fluent-ffmpeg'",
    'http/server.ts':
      "// import '../objects/disk-storage.ts'\nexport { one } from '../videos/catalogue/videos.ts'",
  }
  const withFile = (file: string, source: string) => new Map(Object.entries({ ...allowed, [file]: source }))
  t.same(breaches(withFile('base/errors.ts', '')), [])

  const cases: [expected: string, file: string, source: string][] = [
    [
      'videos/catalogue/videos.ts imports uploads/core/finish.ts',
      'videos/catalogue/videos.ts',
      "import { finish } from '../../uploads/core/finish.ts'",
    ],
    [
      'videos/catalogue/videos.ts imports config/config.ts',
      'videos/catalogue/videos.ts',
      "import { type Config, loadConfig } from '../../config/config.ts'",
    ],
    [
      'uploads/core/late.ts imports http/server.ts',
      'uploads/core/late.ts',
      "await import('../../http/server.ts')",
    ],
    [
      'http/a.ts imports processing/programs/ffmpeg.ts',
      'http/a.ts',
      "export * from '../processing/programs/ffmpeg.ts'",
    ],
    [
      'http/a.ts imports processing/programs/ffmpeg.ts',
      'http/a.ts',
      "import '../processing/programs/ffmpeg.ts'",
    ],
    [
      'http/a.ts imports processing/programs/ffmpeg.ts',
      'http/a.ts',
      "import type { A } from '../processing/programs/ffmpeg.ts'",
    ],
    [
      'base/errors.ts imports config/config.ts',
      'base/errors.ts',
      "import {\n  loadConfig,\n} from '../config/config.ts'",
    ],
    [
      'objects/a.ts imports the implementation objects/disk-storage.ts',
      'objects/a.ts',
      "import './disk-storage.ts'",
    ],
    ['http/a.ts imports http/b.ts, which is not there', 'http/a.ts', "import './b.ts'"],
    ['a cycle: ', 'objects/object-storage.ts', "import './disk-storage.ts'"],
    ['http/a.ts reads the environment', 'http/a.ts', 'export const a = process.env.A'],
    ['http/a.ts reads the environment', 'http/a.ts', "import { env } from 'node:process'"],
    ['http/a.ts imports openai', 'http/a.ts', "import OpenAI from 'openai'"],
    [
      'processing/programs/a.ts and processing/programs/ffmpeg.ts both import fluent-ffmpeg',
      'processing/programs/a.ts',
      "import type f from 'fluent-ffmpeg'",
    ],
    ['http/someThing.ts is not in kebab-case', 'http/someThing.ts', ''],
    ['http/url-utils.ts has a name that says nothing', 'http/url-utils.ts', ''],
  ]
  for (const [expected, file, source] of cases) {
    const found = breaches(withFile(file, source)).map(text =>
      text.replace(
        'processing/programs/ffmpeg.ts and processing/programs/a.ts',
        'processing/programs/a.ts and processing/programs/ffmpeg.ts',
      ),
    )
    t.ok(
      found.some(text => text.startsWith(expected)),
      `${expected}\n${found.join('\n')}`,
    )
  }
})
