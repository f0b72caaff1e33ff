import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { StartError } from '../../src/base/errors.ts'
import { openDataDirectory } from '../../src/objects/disk/data-directory.ts'
import { clip } from '../support/clips.ts'
import { failure } from '../support/failure.ts'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { endedVideo } from '../support/video-api.ts'

const isRoot = process.getuid?.() === 0

function treeOf(directory: string): string[] {
  return [
    directory,
    ...readdirSync(directory, { withFileTypes: true, recursive: true }).map(each =>
      join(each.parentPath, each.name),
    ),
  ]
}

const openToOthers = (directory: string) => treeOf(directory).filter(path => lstatSync(path).mode & 0o077)

t.test('files of the service are closed to other users, whatever the umask', async t => {
  const before = process.umask(0)
  const dataDir = join(throwAwayDirectory('permissions'), 'data')
  mkdirSync(dataDir, { mode: 0o755 })
  const service = await startService({ env: { DATA_DIR: dataDir } })
  t.teardown(() => service.stop())
  process.umask(before)
  const id = await tusUpload(
    service.url,
    await readFile(await clip({ words: [{ word: 'apple', start: 0.5 }] })),
    {
      metadata: {},
    },
  ).done
  const begun = await rawRequest(service.url, '/recordings', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  const recording = JSON.parse(begun.text).id as string
  // One that waits for those before it is a file of its own.
  const chunk = await rawRequest(service.url, `/recordings/${recording}/chunks/3`, {
    method: 'PUT',
    body: 'x',
  })
  t.equal(chunk.status, 200)
  t.match(await endedVideo(service.url, id), { status: 'ready' })
  const files = treeOf(dataDir)
  for (const part of [
    'database/pg_wal',
    `artifacts/${id}/`,
    `recordings/${recording}/`,
    'uploads/',
    'lock.sqlite',
  ])
    t.ok(
      files.some(path => path.startsWith(join(dataDir, part))),
      part,
    )
  t.same(openToOthers(dataDir), [])

  await t.test('those of an earlier version are closed at the start', async t => {
    await service.stop()
    for (const path of treeOf(dataDir)) chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o644)
    for (const path of treeOf(join(dataDir, 'database')))
      if (!statSync(path).isDirectory()) chmodSync(path, 0o666)
    const again = await startService({ env: { DATA_DIR: dataDir } })
    t.teardown(() => again.stop())
    t.same(openToOthers(dataDir), [])
    t.equal((await rawRequest(again.url, `/videos/${id}/source`)).status, 200)
    if (!isRoot) return
    const asNobody = (command: string) =>
      execFileSync(
        'setpriv',
        ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'sh', '-c', command],
        {
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      ).toString()
    t.equal(
      asNobody(
        `cat ${dataDir}/database/pg_wal/0* ${dataDir}/uploads/* 2>/dev/null; ls ${dataDir} 2>/dev/null; true`,
      ),
      '',
    )
  })
})

t.test('a directory that others can write to is refused', async t => {
  const before = process.umask()
  t.teardown(() => void process.umask(before))
  const parent = throwAwayDirectory('writable')
  const make = (name: string, mode: number) => {
    const path = join(parent, name)
    mkdirSync(path)
    chmodSync(path, mode)
    return path
  }
  const refusal = async (path: string) => {
    const error = await failure((async () => openDataDirectory(path))())
    t.ok(error instanceof StartError, String(error))
    return (error as Error).message
  }
  for (const mode of [0o777, 0o775, 0o770, 0o757, 0o722, 0o1777, 0o2775]) {
    const path = make(`mode-${mode.toString(8)}`, mode)
    t.match(await refusal(path), /^DATA_DIR: other users can write to .*chmod -R go-rwx/)
    t.equal(statSync(path).mode & 0o7777, mode, 'and left as it is')
    const link = `${path}-link`
    symlinkSync(path, link)
    t.match(await refusal(link), /other users can write to/, 'by a link, too')
  }
  for (const mode of [0o700, 0o755, 0o750, 0o711, 0o2755]) {
    const path = make(`mode-${mode.toString(8)}`, mode)
    writeFileSync(join(path, 'reserve'), '', { mode: 0o666 })
    openDataDirectory(path)
    t.same(openToOthers(path), [], mode.toString(8))
  }
  const site = make('site', 0o755)
  writeFileSync(join(site, 'index.html'), '', { mode: 0o644 })
  mkdirSync(join(site, 'uploads'))
  t.match(await refusal(site), /contains files that are not Longtake's \(index\.html\)/)
  t.equal(statSync(site).mode & 0o777, 0o755, 'and stays open to its readers')
  const open = make('open', 0o777)
  t.match(await refusal(join(open, 'data')), /every user can write to .*\/open .*could replace/)
  t.match(await refusal(join(open, 'a', 'data')), /every user can write to/)
  const outside = make('outside', 0o700)
  symlinkSync(outside, join(open, 'link'))
  t.match(await refusal(join(open, 'link')), /could replace/, 'a link that others can replace')
  chmodSync(open, 0o1777)
  openDataDirectory(join(open, 'data'))
  t.same(openToOthers(join(open, 'data')), [], 'in a directory like /tmp nobody replaces it')
  chmodSync(open, 0o775)
  openDataDirectory(join(open, 'data'))
  if (!isRoot) return
  const foreign = make('foreign', 0o700)
  chownSync(foreign, 65534, 65534)
  t.match(await refusal(foreign), /belongs to another user \(uid 65534\)/)
})

t.test('what is closed needs no look, and what is not is closed in an order that can be cut off', async t => {
  const before = process.umask()
  t.teardown(() => void process.umask(before))
  const path = throwAwayDirectory('closing')
  for (const directory of ['uploads', 'artifacts/one', 'artifacts/two', 'database/base']) {
    mkdirSync(join(path, directory), { recursive: true })
    writeFileSync(join(path, directory, 'file'), '', { mode: 0o644 })
  }
  chmodSync(join(path, 'artifacts'), 0o755)
  chmodSync(join(path, 'artifacts/one'), 0o755)
  chmodSync(join(path, 'artifacts/two'), 0o700)
  for (const directory of ['uploads', 'database', 'database/base']) chmodSync(join(path, directory), 0o700)
  // As a cut-off start leaves it: the top is closed, a directory below is not.
  chmodSync(path, 0o700)
  const elsewhere = throwAwayDirectory('other-disk')
  writeFileSync(join(elsewhere, 'file'), '', { mode: 0o644 })
  chmodSync(elsewhere, 0o755)
  symlinkSync(elsewhere, join(path, 'recordings'))
  symlinkSync('/nowhere', join(path, 'dangling'))
  openDataDirectory(path)
  const left = openToOthers(path).filter(each => !lstatSync(each).isSymbolicLink())
  t.same(
    left.sort(),
    ['artifacts/two/file', 'uploads/file'].map(each => join(path, each)),
  )
  t.same(openToOthers(elsewhere), [], 'also what a link leads to')
})
