import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sha256Hex, sha256Stream } from '../../src/base/hash.ts'

const ROOT = join(import.meta.dirname, '..', '..')

t.test('a text, bytes, and bytes that arrive in parts have the same hash', async t => {
  // FIPS 180-2, appendix B.1.
  const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  t.equal(sha256Hex('abc'), expected)
  t.equal(sha256Hex(Buffer.from('abc')), expected)
  t.equal(sha256Stream().update('a').update(Buffer.from('bc')).digest('hex'), expected)
})

t.test('no other file of the server makes SHA-256 by itself', async t => {
  const files = globSync('src/**/*.{ts,tsx}', { cwd: ROOT })
  t.ok(files.length > 300, 'the files are found')
  const own = files.filter(file =>
    /createHash\(\s*['"`]sha-?256/i.test(readFileSync(join(ROOT, file), 'utf8')),
  )
  t.same(own, ['src/base/hash.ts'])
})
