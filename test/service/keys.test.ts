import { execFile } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { SETTINGS } from '../../src/config/settings.ts'
import { seedEmbeddedDatabase } from '../support/embedded-database.ts'
import { flavours } from '../support/flavours.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'key.ts')

await flavours(t, async (t, { name, env }) => {
  const dataDir = throwAwayDirectory('data')
  if (name === 'embedded') await seedEmbeddedDatabase(dataDir)
  const own = Object.fromEntries(Object.keys(SETTINGS).map(setting => [setting, undefined]))
  const key = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>(resolve => {
      const options = { env: { ...process.env, ...own, ...env, DATA_DIR: dataDir } }
      execFile(process.execPath, [SCRIPT, ...args], options, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      )
    })
  const made = await key('create', '--owner', 'alice', '--scopes', 'read, write', '--name', 'her phone')
  t.match(made, { code: 0, stdout: /^longtake_[\w-]{43}\n$/, stderr: /alice \(read, write\)/ })
  const secret = made.stdout.trim()
  const listed = await key('list')
  const [id = '', ...fields] = listed.stdout.trim().split('\t')
  t.match(fields, ['alice', 'read,write', /^\d{4}-/, 'in use', 'her phone'])
  t.notMatch(listed.stdout, secret)
  const wrong = [
    ['constructor'],
    ['create', '--owner', 'x', '--scopes', 'read,all'],
    ['revoke', '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'],
  ]
  for (const args of wrong)
    t.match(await key(...args), { code: 1, stdout: '', stderr: /keys for AUTH=api_key/ })

  const service = await startService({ env: { ...env, AUTH: 'api_key', DATA_DIR: dataDir } })
  t.teardown(() => service.stop())
  const asked = async (origin: string) =>
    (await fetch(`${origin}/videos`, { headers: { authorization: `Bearer ${secret}` } })).status
  t.equal(await asked(service.url), 200)
  if (name === 'served') {
    t.match(await key('revoke', id), { code: 0 })
    t.equal(await asked(service.url), 401, 'from the next request on')
    t.match((await key('list')).stdout, /\trevoked /)
  } else {
    t.match(await key('list'), { code: 1, stderr: /in use by another Longtake process/ })
    await service.stop()
    t.match(await key('revoke', id), { code: 0 })
    const again = await startService({ env: { AUTH: 'api_key', DATA_DIR: dataDir } })
    t.equal(await asked(again.url), 401)
    await again.stop()
  }
})
