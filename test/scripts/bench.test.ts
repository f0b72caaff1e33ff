import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'bench.ts')

t.test('the bench starts each of its servers, and measures it', async t => {
  const options = ['--quick', '--rounds', '1', '--only', 'create', '--servers', 'ours,embedded,stock,bare']
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ...options])
  for (const server of ['Longtake, PostgreSQL', 'Longtake, embedded', '@tus/server', 'bare'])
    t.ok(new RegExp(`^\\| [^|]*${server}[^|]*\\| [\\d.]+ m?s \\|`, 'm').test(stdout), `${server}\n${stdout}`)
})
