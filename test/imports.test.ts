import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import t from 'tap'

/** What each part of the house may import besides itself; a path ends in .ts, anything else is a directory. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'main.ts': [
    'config.ts',
    'log.ts',
    'runtime.ts',
    'http',
    'uploads',
    'processing',
    'messaging',
    'videos',
    'webhooks',
    'doctor',
  ],
  'runtime.ts': ['config.ts', 'uploads', 'videos', 'processing', 'messaging', 'storage', 'database'],
  'config.ts': [],
  'errors.ts': [],
  'log.ts': [],
  base: [],
  access: ['videos/viewer.ts'],
  http: [
    'access',
    'uploads',
    'videos',
    'webhooks',
    'processing/edit-list.ts',
    'storage/storage.ts',
    'storage/reserve.ts',
    'messaging/queue.ts',
  ],
  uploads: [
    'videos',
    'database/database-time.ts',
    'storage/storage.ts',
    'storage/reserve.ts',
    'messaging/queue.ts',
  ],
  processing: ['videos', 'storage/storage.ts', 'messaging/queue.ts'],
  videos: ['messaging/outbox.ts', 'database/snapshot.ts'],
  messaging: [],
  doctor: ['uploads', 'videos'],
  importing: ['uploads', 'videos', 'storage/storage.ts', 'processing/container.ts'],
  webhooks: ['database/database-time.ts'],
  storage: [],
  database: [],
}
/** What everyone may import: the errors, decisions that are made once, and the types of settings and tables. */
const COMMON = ['errors.ts', 'base', 'database/schema.ts']
const COMMON_TYPES = ['config.ts']
/** One of several implementations of an interface: chosen in runtime.ts alone. */
const IMPLEMENTATION = /^(disk|s3|memory|nats|pg|pglite)-/
/** Packages that stay inside one file, so that they could be replaced in a day. */
const ONE_FILE_PACKAGES = ['fluent-ffmpeg', 'openai']
/** Settings are read in config.ts. The other reads PATH, where programs are. */
const READERS = ['config.ts', 'processing/search-path.ts']
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

/** `main.ts` for a file at the top, else its directory. */
function partOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file
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
    for (const user of users) if (partOf(user) !== 'processing') found.push(`${user} imports ${name}`)
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
  t.ok(files.has('config.ts') && files.has('errors.ts'), 'the files are found')
  t.same(breaches(files), [])
  const packages = [...files].flatMap(([file, source]) => importsOf(file, source)).map(({ to }) => to)
  for (const name of ONE_FILE_PACKAGES) t.ok(packages.includes(name), `${name} is imported`)
})

t.test('the rules catch what breaks them', async t => {
  const allowed: Record<string, string> = {
    'config.ts': "import { StartError } from './errors.ts'\nexport const path = process.env.PATH",
    'errors.ts': '',
    'runtime.ts': "import { openDisk } from './storage/disk-storage.ts'",
    'main.ts': "import { loadConfig } from './config.ts'\nimport './runtime.ts'\nloadConfig(process.env)",
    'database/schema.ts': '',
    'storage/storage.ts': "import type { Db } from '../database/schema.ts'",
    'storage/disk-storage.ts': "import type { Storage } from './storage.ts'",
    'videos/videos.ts':
      "import type { Config } from '../config.ts'\nimport { type Db } from '../database/schema.ts'",
    'uploads/finish.ts': "import {\n  one,\n  type Two,\n} from '../videos/videos.ts'",
    'processing/ffmpeg.ts': "import ffmpeg from 'fluent-ffmpeg'",
    'http/server.ts': "// import '../storage/disk-storage.ts'\nexport { one } from '../videos/videos.ts'",
  }
  const withFile = (file: string, source: string) => new Map(Object.entries({ ...allowed, [file]: source }))
  t.same(breaches(withFile('errors.ts', '')), [])

  const cases: [expected: string, file: string, source: string][] = [
    [
      'videos/videos.ts imports uploads/finish.ts',
      'videos/videos.ts',
      "import { finish } from '../uploads/finish.ts'",
    ],
    [
      'videos/videos.ts imports config.ts',
      'videos/videos.ts',
      "import { type Config, loadConfig } from '../config.ts'",
    ],
    ['uploads/late.ts imports http/server.ts', 'uploads/late.ts', "await import('../http/server.ts')"],
    ['http/a.ts imports processing/ffmpeg.ts', 'http/a.ts', "export * from '../processing/ffmpeg.ts'"],
    ['http/a.ts imports processing/ffmpeg.ts', 'http/a.ts', "import '../processing/ffmpeg.ts'"],
    [
      'http/a.ts imports processing/ffmpeg.ts',
      'http/a.ts',
      "import type { A } from '../processing/ffmpeg.ts'",
    ],
    ['errors.ts imports config.ts', 'errors.ts', "import {\n  loadConfig,\n} from './config.ts'"],
    [
      'storage/a.ts imports the implementation storage/disk-storage.ts',
      'storage/a.ts',
      "import './disk-storage.ts'",
    ],
    ['http/a.ts imports http/b.ts, which is not there', 'http/a.ts', "import './b.ts'"],
    ['a cycle: ', 'storage/storage.ts', "import './disk-storage.ts'"],
    ['http/a.ts reads the environment', 'http/a.ts', 'export const a = process.env.A'],
    ['http/a.ts reads the environment', 'http/a.ts', "import { env } from 'node:process'"],
    ['http/a.ts imports openai', 'http/a.ts', "import OpenAI from 'openai'"],
    [
      'processing/a.ts and processing/ffmpeg.ts both import fluent-ffmpeg',
      'processing/a.ts',
      "import type f from 'fluent-ffmpeg'",
    ],
    ['http/someThing.ts is not in kebab-case', 'http/someThing.ts', ''],
    ['http/url-utils.ts has a name that says nothing', 'http/url-utils.ts', ''],
  ]
  for (const [expected, file, source] of cases) {
    const found = breaches(withFile(file, source)).map(text =>
      text.replace('processing/ffmpeg.ts and processing/a.ts', 'processing/a.ts and processing/ffmpeg.ts'),
    )
    t.ok(
      found.some(text => text.startsWith(expected)),
      `${expected}\n${found.join('\n')}`,
    )
  }
})
