import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'

const AUDIT = join(import.meta.dirname, '../../scripts/audit.ts')

/** A registry that knows releases 1.0.0 and 1.0.1 of the package `worn`, and an advisory for the versions `vulnerable`. */
async function registry(vulnerable: string | undefined) {
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const answer = (status: number, value: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    }
    if (request.method === 'GET') {
      const release = (version: string) => ({
        name: 'worn',
        version,
        dist: { tarball: `http://127.0.0.1/worn-${version}.tgz` },
      })
      answer(200, {
        name: 'worn',
        'dist-tags': { latest: '1.0.1' },
        versions: { '1.0.0': release('1.0.0'), '1.0.1': release('1.0.1') },
      })
    } else if (vulnerable === undefined) {
      answer(405, {})
    } else {
      const asked = JSON.parse(
        (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString(),
      )
      const advisory = {
        id: 1,
        url: 'https://example.com/advisory',
        title: 'Wears out',
        severity: 'high',
        vulnerable_versions: vulnerable,
        cwe: [],
        cvss: { score: 7, vectorString: null },
      }
      answer(200, asked.worn ? { worn: [advisory] } : {})
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Runs the audit in a project that has `worn` 1.0.0. */
async function audited(t: Test, vulnerable: string | undefined, wanted = '^1.0.0') {
  const server = await registry(vulnerable)
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const root = { name: 'project', dependencies: { worn: wanted } }
  const cwd = t.testdir({
    '.npmrc': `registry=http://127.0.0.1:${port}\ncache=./cache\n`,
    'package.json': JSON.stringify(root),
    'package-lock.json': JSON.stringify({
      name: 'project',
      lockfileVersion: 3,
      packages: { '': root, 'node_modules/worn': { version: '1.0.0' } },
    }),
  })
  return new Promise<{ code: number; output: string }>(resolve => {
    execFile(process.execPath, [AUDIT], { cwd }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr })
    })
  })
}

t.test('a vulnerability that an update fixes fails', async t => {
  const { code, output } = await audited(t, '<1.0.1')
  t.equal(code, 1, output)
  t.match(output, 'worn: high, a fix is available: Wears out (https://example.com/advisory)')
})

t.test('one that no release fixes is told and does not fail', async t => {
  const { code, output } = await audited(t, '*')
  t.equal(code, 0, output)
  t.match(output, 'worn: high, no fix yet')
})

t.test('without vulnerabilities it says so', async t => {
  const { code, output } = await audited(t, '<1.0.0')
  t.equal(code, 0, output)
  t.match(output, 'No known vulnerabilities.')
})

t.test('a registry without audits is told', async t => {
  const { code, output } = await audited(t, undefined)
  t.equal(code, 0, output)
  t.match(output, 'Not audited: 405')
})
