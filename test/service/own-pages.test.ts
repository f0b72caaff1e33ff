import { connect } from 'node:net'
import { hostname } from 'node:os'
import t from 'tap'
import { type Service, startService } from '../support/service.ts'

const FORM = 'multipart/form-data; boundary=b'
const BODY = '--b\r\nContent-Disposition: form-data; name="video"; filename="a.mp4"\r\n\r\nx\r\n--b--\r\n'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Firefox/60.0'

/** A request as it is written, to the last header. @returns its status and code. */
function raw(service: Service, start: string, headers: readonly string[], body = ''): Promise<string> {
  const { hostname, port } = new URL(service.url)
  const lines = [start, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close']
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(Number(port), hostname)
    socket.on('data', data => {
      text += data
    })
    socket.on('error', reject).on('close', () => {
      const [, status = '?'] = /^HTTP\/1\.1 (\d+)/.exec(text) ?? []
      resolve([status, ...(/"code":"(\w+)"/.exec(text)?.slice(1) ?? [])].join(' '))
    })
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  })
}

const SETTINGS = {
  'a loopback address': {},
  // As Compose starts it: every interface inside of the container, and this machine's port outside.
  'every address': { HOST: '0.0.0.0', ALLOW_UNAUTHENTICATED: 'on' },
} as const

for (const [name, settings] of Object.entries(SETTINGS)) {
  t.test(`without sign-in, on ${name}`, async t => {
    const service = await startService({
      env: { ...settings, ALLOWED_HOSTS: 'NAS.local', PUBLIC_URL: 'https://media.example/in' },
    })
    t.teardown(() => service.stop())
    const { port } = new URL(service.url)
    const local = `Host: 127.0.0.1:${port}`

    await t.test('a name that is not known is not answered', async t => {
      const known = [
        ...['localhost', 'LOCALHOST', 'localhost.', hostname(), '127.0.0.1', '10.0.0.5', '[::1]'],
        ...[
          '[fe80::1]',
          'nas.local',
          'Nas.Local.',
          'media.example',
          'MEDIA.EXAMPLE',
          '127.0.0.1.',
          '2130706433',
        ],
      ]
      for (const host of known)
        for (const form of [host, `${host}:${port}`, `${host}:80`])
          t.equal(await raw(service, 'GET /videos HTTP/1.1', [`Host: ${form}`]), '200', form)
      const foreign = [
        ...[
          'evil.example',
          'evil.example.',
          'intranet',
          'evil.localhost',
          'evil.',
          '127.0.0.1.evil.example',
          'localhost.evil.example',
          'EVIL.EXAMPLE',
        ],
        ...[
          'xn--bcher-kva.example',
          'a@evil.example',
          'localhost@evil.example',
          'evil.example#localhost',
          'evil .example',
        ],
        ...[
          '[evil.example]',
          'evil%2eexample',
          'localhost:1:2',
          'localhost/x',
          'x.media.example',
          'nas.local.evil.example',
        ],
        ...['1.2.3.4.5', 'evil\\.example', ''],
      ]
      for (const host of foreign)
        for (const request of ['GET /videos', 'GET /openapi.json', 'HEAD /uploads/x', 'DELETE /videos'])
          t.match(
            await raw(service, `${request} HTTP/1.1`, [`Host: ${host}`]),
            /^4/,
            `${request} for ${host}`,
          )
      t.equal(await raw(service, 'GET /videos HTTP/1.1', ['Host: evil.example']), '403 foreign_host')
      t.equal(await raw(service, 'GET /videos HTTP/1.0', []), '403 foreign_host', 'no name')
      t.match(
        await raw(service, 'GET /videos HTTP/1.1', [local, 'Host: evil.example']),
        /^40[03]/,
        'two names',
      )
      for (const target of ['http://evil.example', 'HTTP://evil.example:80', 'http://localhost@evil.example'])
        t.match(await raw(service, `GET ${target}/videos HTTP/1.1`, [local]), /^40[034]/, target)
      const upgrade = ['Host: evil.example', 'Connection: Upgrade', 'Upgrade: websocket']
      t.match(await raw(service, 'GET /videos HTTP/1.1', upgrade), /^403/)
      const rebound = ['Host: evil.example', 'Origin: http://evil.example', 'Sec-Fetch-Site: same-origin']
      t.match(
        await raw(service, 'POST /recordings HTTP/1.1', [...rebound, 'X-Forwarded-Host: localhost']),
        /^403/,
      )
      t.equal(await raw(service, 'GET /health/live HTTP/1.0', []), '200', 'whoever asks whether it lives')
    })

    await t.test('without Sec-Fetch-Site, Origin decides, and Referer without that', async t => {
      const post = (...headers: string[]) => raw(service, 'POST /recordings HTTP/1.1', headers)
      const lan = `Host: 10.0.0.5:${port}`
      const own = [
        [lan, `Origin: http://10.0.0.5:${port}`],
        [lan, `Referer: http://10.0.0.5:${port}/record`, `User-Agent: ${FIREFOX}`],
        [`Host: ${hostname()}`, `Origin: http://${hostname()}`],
        [`Host: ${hostname()}:80`, `Origin: http://${hostname()}`],
        ['Host: nas.local', 'Origin: https://nas.local'],
        [local, 'Origin: https://media.example'],
        [lan, 'Origin: http://localhost:5173'],
        [lan, 'Sec-Fetch-Site: same-origin', `Origin: http://10.0.0.5:${port}`],
        [lan, 'Sec-Fetch-Site: none'],
      ]
      for (const headers of own) t.equal(await post(...headers), '201', headers.join(', '))
      const foreign = [
        [lan, 'Origin: http://evil.example'],
        [lan, 'Origin: null'],
        [lan, 'Origin: '],
        [lan, 'Origin: http://10.0.0.5:8080'],
        [lan, `Origin: http://10.0.0.5.evil.example:${port}`],
        [lan, `Origin: http://10.0.0.5:${port}@evil.example`],
        [`Host: ${hostname()}`, `Origin: http://${hostname()}:8080`],
        [local, 'Origin: http://media.example:8080'],
        [lan, 'Referer: http://evil.example/page'],
        [lan, 'Sec-Fetch-Site: cross-site', 'Origin: http://evil.example'],
        [lan, 'Sec-Fetch-Site: same-site', 'Origin: http://10.0.0.5:8080'],
        [lan, 'Sec-Fetch-Site: CROSS-SITE'],
        [lan, 'Sec-Fetch-Site: '],
      ]
      for (const headers of foreign) t.equal(await post(...headers), '403 foreign_origin', headers.join(', '))
      for (const [start, headers] of [
        ['DELETE /videos', ['Content-Type: application/json']],
        ['PATCH /uploads/x', ['Tus-Resumable: 1.0.0']],
        ['GET /uploads/x', ['Tus-Resumable: 1.0.0', 'X-HTTP-Method-Override: DELETE']],
        ['POST /uploads', ['Tus-Resumable: 1.0.0', 'Upload-Length: 1']],
      ] as const)
        t.equal(
          await raw(service, `${start} HTTP/1.1`, [lan, 'Origin: http://evil.example', ...headers]),
          '403 foreign_origin',
          start,
        )
      t.equal(await raw(service, 'GET /videos HTTP/1.1', [lan, 'Origin: http://evil.example']), '200')
    })

    await t.test('with neither, a form of a browser is refused and a program is not', async t => {
      const post = (...headers: string[]) => raw(service, 'POST /videos HTTP/1.1', [local, ...headers], BODY)
      const type = `Content-Type: ${FORM}`
      for (const agent of [FIREFOX, 'Opera/9.80 (Windows NT 6.1)', 'Mozilla/4.0'])
        t.equal(await post(type, `User-Agent: ${agent}`), '403 foreign_origin', agent)
      t.equal(await post(type), '403 foreign_origin', 'nor one that does not say what it is')
      for (const other of ['text/plain', 'application/x-www-form-urlencoded', 'TEXT/PLAIN;charset=utf-8'])
        t.equal(await post(`Content-Type: ${other}`), '403 foreign_origin', other)
      const bare = (...headers: string[]) => raw(service, 'POST /recordings HTTP/1.1', [local, ...headers])
      t.equal(await bare(`User-Agent: ${FIREFOX}`), '403 foreign_origin', 'a form without a body')
      for (const agent of ['curl/7.88.1', 'Wget/1.21', 'python-requests/2.31', 'node'])
        t.equal(await post(type, `User-Agent: ${agent}`), '201', agent)
      t.equal(
        await post(type, `User-Agent: ${FIREFOX}`, 'Idempotency-Key: one'),
        '201',
        'no form has such a header',
      )
      t.equal(await bare(), '201')
      t.equal(await bare(`User-Agent: ${FIREFOX}`, 'Content-Type: application/json'), '201')
      const tus = ['Tus-Resumable: 1.0.0', 'Upload-Length: 1', `User-Agent: ${FIREFOX}`]
      t.equal(await raw(service, 'POST /uploads HTTP/1.1', [local, ...tus]), '201')
    })
  })
}

t.test('behind a trusted proxy, the name that it was asked for counts too', async t => {
  const service = await startService({ env: { TRUSTED_PROXIES: '127.0.0.1', ALLOWED_HOSTS: 'nas.local' } })
  t.teardown(() => service.stop())
  const get = (...hosts: string[]) =>
    raw(service, 'GET /videos HTTP/1.1', [
      'Host: 127.0.0.1',
      ...hosts.map(host => `X-Forwarded-Host: ${host}`),
    ])
  t.equal(await get('nas.local'), '200')
  t.equal(await get('evil.example'), '403 foreign_host')
  t.equal(await get('evil.example, nas.local'), '403 foreign_host')
  t.equal(await get('nas.local, evil.example'), '403 foreign_host')
  const own = ['Host: 127.0.0.1', 'X-Forwarded-Host: nas.local', 'Origin: https://nas.local']
  t.equal(await raw(service, 'POST /recordings HTTP/1.1', own), '201')
})

t.test('with keys, the name does not matter', async t => {
  const service = await startService({ env: { AUTH: 'api_key' } })
  t.teardown(() => service.stop())
  t.equal(await raw(service, 'GET /videos HTTP/1.1', ['Host: evil.example']), '401 unauthenticated')
})
