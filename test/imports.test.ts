import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { breachesOf, ONE_FILE_PACKAGES, ONE_ROOM_PACKAGES } from './support/import-rules.ts'
import { importsOf } from './support/imports.ts'

/**
 * The rooms below src/, and the other directories of the repository, with what each may import besides itself. A path that ends in .ts or
 * .tsx is one file, anything else a whole room.
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'main.ts': ['service.ts'],
  // The arguments, the settings and the log. A start that is repeated.
  'service.ts': ['config', 'terminal', 'roles.ts'],
  'roles.ts': [
    'config',
    'runtime.ts',
    'http',
    'uploads/core',
    'uploads/recordings',
    'processing/steps.ts',
    'processing/worker',
    'processing/programs',
    'processing/speech',
    'messaging',
    'videos/catalogue',
    'videos/pipeline',
    'videos/search/refresh-stale.ts',
    'webhooks',
    'doctor',
    'terminal',
  ],
  'runtime.ts': [
    'access/secrets.ts',
    'config',
    'messaging',
    'objects',
    'objects/disk',
    'objects/s3',
    'uploads/bytes',
    'uploads/bytes/disk',
    'uploads/bytes/s3',
    'uploads/tus/file-creator.ts',
    'database',
    'processing/speech',
    'uploads/locks',
  ],
  config: [],
  base: [],
  // The banner, the keys and the arguments of the service.
  terminal: ['config/settings.ts'],
  database: [],
  'database/tables': [],
  messaging: [],
  objects: [],
  'objects/disk': ['objects'],
  'objects/s3': ['objects'],
  access: ['videos/catalogue/viewer.ts'],
  'uploads/core': [
    'objects',
    'database/database-time.ts',
    'uploads/bytes',
    'uploads/locks',
    'videos/catalogue',
    'videos/transcripts',
  ],
  'uploads/locks': ['database/process-session.ts'],
  'uploads/tus': ['uploads/core', 'uploads/locks'],
  'uploads/ietf': ['uploads/core', 'uploads/locks', 'uploads/tus/metadata-header.ts'],
  'uploads/bytes': ['objects'],
  'uploads/bytes/s3': ['uploads/bytes', 'objects', 'objects/s3'],
  'uploads/bytes/disk': ['uploads/bytes', 'objects', 'objects/disk'],
  'uploads/recordings': ['uploads/bytes', 'uploads/core', 'uploads/locks', 'objects'],
  // The catalogue puts the other rooms together. Only a new revision reaches further: it refreshes the search row, in its transaction.
  'videos/search': ['videos/current-transcripts.ts'],
  'videos/transcripts': [
    'videos/search/search-index.ts',
    'videos/current-transcripts.ts',
    'videos/changed.ts',
  ],
  'videos/pipeline': [
    'messaging/outbox.ts',
    'objects/removals.ts',
    'videos/transcripts/transcripts.ts',
    'videos/transcripts/embedded-captions.ts',
    'videos/changed.ts',
  ],
  'videos/catalogue': [
    'database/snapshot.ts',
    // The bin removes videos by their age.
    'database/database-time.ts',
    'objects/reserve.ts',
    'messaging/outbox.ts',
    'objects/removals.ts',
    'videos/search',
    'videos/transcripts',
    'videos/pipeline',
    'videos/current-transcripts.ts',
    'videos/changed.ts',
  ],
  'processing/step.ts': ['objects', 'videos/catalogue', 'videos/pipeline'],
  'processing/steps.ts': ['processing/step.ts', 'processing/media', 'processing/speech'],
  'processing/programs': [],
  'processing/media': ['processing/programs', 'processing/step.ts', 'videos/transcripts'],
  'processing/speech': [
    'net/retry-after.ts',
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
    'uploads/tus',
    'uploads/ietf',
    'uploads/recordings',
    'videos/catalogue',
    'videos/pipeline',
    'videos/transcripts',
    'webhooks',
    'net/public-address.ts',
    'objects',
    'messaging/queue.ts',
  ],
  doctor: [
    'database/announce.ts',
    'objects',
    'uploads/bytes',
    'uploads/core',
    'videos/pipeline',
    'videos/search',
  ],
  importing: [
    'uploads/bytes',
    'uploads/core',
    'uploads/tus/metadata-header.ts',
    'videos/transcripts',
    'objects',
    'processing/programs/container.ts',
  ],
  net: [],
  webhooks: ['database/database-time.ts', 'net'],
  // The page is a client of the API: no part of it imports the server.
  page: [
    'page/api',
    'page/library',
    'page/locale',
    'page/notifications',
    'page/parts',
    'page/record',
    'page/upload',
    'page/watch',
  ],
  // The language of the page.
  'page/locale': [],
  'page/api': ['page/locale', 'page/router.ts'],
  'page/parts': ['page/api', 'page/locale', 'page/router.ts', 'page/format.ts'],
  'page/library': ['page/api', 'page/locale', 'page/parts', 'page/router.ts', 'page/format.ts'],
  'page/watch': [
    'page/api',
    'page/locale',
    'page/notifications',
    'page/parts',
    'page/library/deletion.ts',
    'page/library/videos-loaded.ts',
    'page/router.ts',
    'page/format.ts',
  ],
  'page/notifications': ['page/api', 'page/locale', 'page/parts', 'page/router.ts'],
  'page/upload': ['page/api', 'page/locale', 'page/parts', 'page/router.ts', 'page/format.ts'],
  'page/record': ['page/api', 'page/locale', 'page/parts', 'page/router.ts', 'page/format.ts'],
  migrations: [],
  // Commands for operators use the server's own rooms; `upload` is a client of the API.
  'scripts/upload.ts': ['scripts/upload', 'scripts/command-line'],
  'scripts/upload': [
    'scripts/command-line',
    'page/api/api-types.d.ts',
    'page/api/event-stream.ts',
    'net/retry-after.ts',
    'base/media-types.ts',
    'base/errors.ts',
    // The container decides on both sides whether a file can be used.
    'processing/programs/container.ts',
  ],
  'scripts/command-line': ['base/nearest.ts'],
  'scripts/videos.ts': ['scripts/videos', 'scripts/command-line'],
  'scripts/videos': ['scripts/command-line', 'base/nearest.ts', 'page/api/api-types.d.ts'],
  'scripts/import.ts': ['scripts/import', 'runtime.ts', 'database', 'importing', 'objects/disk'],
  'scripts/import': ['scripts/command-line/terminal.ts', 'access', 'importing'],
  'scripts/doctor.ts': ['runtime.ts', 'database', 'doctor', 'objects/disk'],
  'scripts/key.ts': ['access', 'database', 'objects/disk'],
  'scripts/settings.ts': [],
  'scripts/formats.ts': ['processing/media', 'processing/programs', 'videos/transcripts'],
  'scripts/api-types.ts': [],
  'scripts/audit.ts': [],
  'scripts/try-clients.ts': ['test/support'],
  'scripts/bench.ts': ['scripts/bench', 'test/support'],
  'scripts/chaos.ts': ['test/support'],
  'scripts/bench': ['database', 'processing/speech', 'videos/search', 'test/support'],
  'test/support': [],
}

t.test('the source keeps to the import rules', async t => {
  const root = join(import.meta.dirname, '..')
  const paths = globSync('{src,scripts,migrations}/**/*.{ts,tsx,css}', {
    cwd: root,
    exclude: ['scripts/node/**'],
  })
  const files = new Map(
    paths.map(path => [
      path.replaceAll('\\', '/').replace(/^src\//, ''),
      readFileSync(join(root, path), 'utf8'),
    ]),
  )
  for (const file of [
    'config/load.ts',
    'page/app.tsx',
    'scripts/upload/send.ts',
    'migrations/001-catalogue.ts',
  ])
    t.ok(files.has(file), `${file} is found`)
  t.same(breachesOf(MAY_IMPORT, files), [])
  const packages = [...files].flatMap(([file, source]) => importsOf(file, source)).map(({ to }) => to)
  for (const name of [...ONE_FILE_PACKAGES, ...Object.keys(ONE_ROOM_PACKAGES)])
    t.ok(packages.includes(name), `${name} is imported`)
})

t.test('the rules catch what breaks them', async t => {
  const allowed: Record<string, string> = {
    'config/load.ts': "import { StartError } from '../base/errors.ts'\nexport const path = process.env.PATH",
    'base/errors.ts': '',
    'runtime.ts': "import { openDisk } from './objects/disk-storage.ts'",
    'roles.ts':
      "import { loadConfig } from './config/load.ts'\nimport './runtime.ts'\nloadConfig(process.env)",
    'database/schema.ts': '',
    'objects/object-storage.ts': "import type { Db } from '../database/schema.ts'",
    'objects/disk-storage.ts': "import type { Storage } from './object-storage.ts'",
    'videos/catalogue/videos.ts':
      "import type { Config } from '../../config/load.ts'\nimport { type Db } from '../../database/schema.ts'",
    'uploads/core/finish.ts': "import {\n  one,\n  type Two,\n} from '../../videos/catalogue/videos.ts'",
    'processing/programs/ffmpeg.ts': "import ffmpeg from 'fluent-ffmpeg'",
    'http/server.ts':
      "// import '../objects/disk-storage.ts'\nexport { one } from '../videos/catalogue/videos.ts'",
  }
  const withFile = (file: string, source: string) => new Map(Object.entries({ ...allowed, [file]: source }))
  t.same(breachesOf(MAY_IMPORT, withFile('base/errors.ts', '')), [])

  const cases: [expected: string, file: string, source: string][] = [
    [
      'videos/catalogue/videos.ts imports uploads/core/finish.ts',
      'videos/catalogue/videos.ts',
      "import { finish } from '../../uploads/core/finish.ts'",
    ],
    [
      'videos/catalogue/videos.ts imports config/load.ts',
      'videos/catalogue/videos.ts',
      "import { type Config, loadConfig } from '../../config/load.ts'",
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
      'base/errors.ts imports config/load.ts',
      'base/errors.ts',
      "import {\n  loadConfig,\n} from '../config/load.ts'",
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
    [
      'page/watch/a.tsx imports base/errors.ts',
      'page/watch/a.tsx',
      "import type { A } from '../../base/errors.ts'",
    ],
    ['page/parts/a.tsx imports page/watch/b.tsx', 'page/parts/a.tsx', "import '../watch/b.tsx'"],
    ['page/a.ts imports the package node:fs', 'page/a.ts', "import fs from 'node:fs'"],
    ['page/a.ts imports the package uuid', 'page/a.ts', "await import('uuid')"],
    ['a cycle: page/b.tsx', 'page/b.tsx', "import { a } from './b.tsx'"],
    [
      'scripts/upload/a.ts imports base/ids.ts',
      'scripts/upload/a.ts',
      "import { uuid } from '../../src/base/ids.ts'",
    ],
    ['scripts/key.ts imports http/server.ts', 'scripts/key.ts', "import '../src/http/server.ts'"],
    [
      'migrations/030-a.ts imports database/schema.ts',
      'migrations/030-a.ts',
      "import type { Db } from '../src/database/schema.ts'",
    ],
    ['migrations/030-a.ts imports the package pg', 'migrations/030-a.ts', "import pg from 'pg'"],
    ['page/parts/bigButton.tsx is not in kebab-case', 'page/parts/bigButton.tsx', ''],
    ['scripts/upload/helpers.ts has a name that says nothing', 'scripts/upload/helpers.ts', ''],
    [
      'uploads/core/a.ts imports the package @tus/utils',
      'uploads/core/a.ts',
      "import { ERRORS } from '@tus/utils'",
    ],
    [
      'http/a.ts imports the package structured-headers',
      'http/a.ts',
      "import type { Item } from 'structured-headers'",
    ],
    ['http/someThing.ts is not in kebab-case', 'http/someThing.ts', ''],
    ['http/url-utils.ts has a name that says nothing', 'http/url-utils.ts', ''],
  ]
  for (const [expected, file, source] of cases) {
    const found = breachesOf(MAY_IMPORT, withFile(file, source)).map(text =>
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
