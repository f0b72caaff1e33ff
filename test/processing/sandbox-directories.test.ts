import { existsSync, readdirSync } from 'node:fs'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import {
  makeSandboxDirectory,
  removeLeftSandboxes,
} from '../../src/processing/programs/sandbox-directories.ts'
import { startChildProgram } from '../support/child-program.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const MODULE = import.meta.resolve('../../src/processing/programs/sandbox-directories.ts')
process.env['TMPDIR'] = throwAwayDirectory('sandboxes')

/** A process that has a sandbox' directory. */
function otherProcess() {
  const script = `
    const { makeSandboxDirectory } = await import(${JSON.stringify(MODULE)})
    console.log(makeSandboxDirectory())
    process.on('SIGTERM', () => process.exit(0))
    setInterval(() => {}, 1000)`
  return startChildProgram({
    command: process.execPath,
    args: ['--input-type=module', '--eval', script],
    ready: line => (line.startsWith('/') ? line : undefined),
    lastSignal: 'SIGKILL',
  })
}

t.test('only directories of processes that were killed are removed', async t => {
  const [killed, alive] = await Promise.all([otherProcess(), otherProcess()])
  const own = makeSandboxDirectory()
  await killed.end('SIGKILL')
  t.ok(existsSync(killed.ready), 'it could not remove its own')

  const precious = throwAwayDirectory('precious')
  await writeFile(join(precious, 'lock.sqlite'), '')
  await symlink(precious, join(dirname(killed.ready), 'link'))
  await symlink(precious, join(tmpdir(), 'longtake-sandbox-link'))
  for (const name of ['longtake-sandbox-unlocked', 'longtake-sandbox-linked', 'longtake-other'])
    await mkdir(join(tmpdir(), name))
  await symlink(join(precious, 'lock.sqlite'), join(tmpdir(), 'longtake-sandbox-linked', 'lock.sqlite'))
  await writeFile(join(tmpdir(), 'longtake-other', 'lock.sqlite'), '')
  const before = readdirSync(tmpdir())

  await Promise.all([removeLeftSandboxes(), removeLeftSandboxes()])
  const left = before.filter(name => name !== basename(dirname(killed.ready)))
  t.same(readdirSync(tmpdir()), left)
  t.ok(existsSync(alive.ready) && existsSync(own))
  t.same(readdirSync(precious), ['lock.sqlite'])

  await alive.end('SIGTERM')
  t.notOk(existsSync(dirname(alive.ready)), 'an orderly end removes its own')
})

t.test('a directory that was removed from outside is made again', async t => {
  await rm(dirname(makeSandboxDirectory()), { recursive: true })
  t.ok(existsSync(makeSandboxDirectory()))
})
