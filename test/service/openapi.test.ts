import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import t from 'tap'
import { closed, withAnswersInPlace } from '../support/api-document.ts'
import { clip } from '../support/clips.ts'
import { rawRequest } from '../support/raw-request.ts'
import { startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { endedVideo, getJson, postVideo } from '../support/video-api.ts'

type Content = Record<string, { schema: object }>
interface Operation {
  readonly summary?: string
  readonly requestBody?: { content: Content }
  readonly responses: Record<string, { description: string; content?: Content }>
}
interface Document {
  readonly openapi: string
  readonly info: { title: string; version: string }
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: {
    schemas: Record<string, object>
    responses: Record<string, { description: string; content?: Content }>
  }
}

/** The routes of the contract, as the document names them. */
const ROUTES = {
  '/status': ['get'],
  '/health/live': ['get'],
  '/health/ready': ['get'],
  '/metrics': ['get'],
  '/uploads': ['post', 'options'],
  '/uploads/links': ['post'],
  '/uploads/{id}': ['head', 'patch', 'delete'],
  '/webhooks': ['get', 'post'],
  '/webhooks/{id}': ['get', 'delete'],
  '/webhooks/{id}/secrets': ['post'],
  '/webhooks/{id}/ping': ['post'],
  '/webhooks/{id}/deliveries': ['get'],
  '/webhooks/{id}/deliveries/{delivery}/replay': ['post'],
  '/recordings': ['post'],
  '/recordings/{id}': ['get', 'delete'],
  '/recordings/{id}/chunks': ['post'],
  '/recordings/{id}/chunks/{n}': ['put'],
  '/recordings/{id}/finalize': ['post'],
  '/videos': ['get', 'post', 'delete'],
  '/videos/bin': ['get', 'delete'],
  '/videos/bin/{id}/poster': ['get'],
  '/videos/restore': ['post'],
  '/videos/tags': ['get'],
  '/usage': ['get'],
  '/session': ['delete', 'get', 'post'],
  '/keys': ['get', 'post'],
  '/keys/{id}': ['delete'],
  '/videos/{id}/restore': ['post'],
  '/videos/{id}': ['get', 'put', 'patch', 'delete'],
  '/videos/{id}/stream': ['get'],
  '/videos/{id}/source': ['get'],
  '/videos/{id}/audio': ['get'],
  '/videos/{id}/peaks.json': ['get'],
  '/videos/{id}/poster': ['get'],
  '/videos/{id}/poster/small': ['get'],
  '/videos/{id}/storyboard.jpg': ['get'],
  '/videos/{id}/storyboard.vtt': ['get'],
  '/videos/{id}/transcript': ['get', 'put'],
  '/videos/{id}/transcript.txt': ['get'],
  '/videos/{id}/transcript/revisions': ['get'],
  '/videos/{id}/transcript/revisions/{revision}': ['get'],
  '/videos/{id}/transcript/revisions/{revision}/restore': ['post'],
  '/videos/{id}/captions': ['get'],
  '/videos/{id}/captions/{file}': ['get'],
  '/videos/{id}/chapters.vtt': ['get'],
  '/videos/{id}/captions.vtt': ['get'],
  '/videos/{id}/captions.srt': ['get'],
  '/videos/{id}/events': ['get'],
  '/videos/{id}/embed': ['get'],
  '/videos/{id}/links': ['post'],
  '/videos/{id}/shares': ['get', 'post'],
  '/shares/{id}': ['delete'],
  '/videos/{id}/retry': ['post'],
}

t.test('the document, and what it says of the answers', async t => {
  const speech = await startSpeechServer()
  t.teardown(() => speech.stop())
  const service = await startService({ env: { OPENAI_BASE_URL: speech.baseUrl } })
  t.teardown(() => service.stop())
  const { url } = service
  const named = await getJson<Document>(`${url}/openapi.json`)
  const document = withAnswersInPlace(structuredClone(named))
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(closed(document), 'api')

  await t.test('is OpenAPI 3.1 whose schemas are schemas', async t => {
    t.match(document.openapi, /^3\.1\.\d+$/)
    const { valid, errors } = await new Validator().validate(structuredClone({ ...named }))
    t.ok(valid, JSON.stringify(errors))
    t.match(document.info, { title: 'Longtake', version: String })
    const references = JSON.stringify(document).match(/"\$ref":"[^"]+"/g) ?? []
    for (const reference of new Set(references)) {
      const [, name] = /^"\$ref":"#\/components\/schemas\/([\w-]+)"$/.exec(reference) ?? []
      t.ok(name && document.components.schemas[name], reference)
    }
    for (const name of Object.keys(document.components.schemas))
      t.doesNotThrow(() => ajv.compile({ $ref: `api#/components/schemas/${name}` }), name)
    for (const [path, operations] of Object.entries(document.paths)) {
      t.match(path, /^\/[\w/.{}-]*$/)
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      for (const [method, operation] of Object.entries(operations)) {
        t.ok(operation.summary, `${method} ${path} is summed up`)
        t.ok(Object.keys(operation.responses).length > 0)
        const { parameters = [] } = operation as { parameters?: { in: string; name: string }[] }
        t.same(
          parameters.filter(one => one.in === 'path').map(one => one.name),
          named,
        )
        for (const { description } of Object.values(operation.responses))
          t.ok(description && description !== 'Default Response', `${method} ${path}`)
      }
    }
  })

  await t.test('names every route of the contract', async t => {
    const isOld = (path: string) => path.startsWith('/api/')
    const ours = Object.keys(document.paths).filter(path => !isOld(path))
    t.same(ours.sort(), Object.keys(ROUTES).sort(), 'and no other')
    t.equal(
      Object.keys(document.paths).filter(isOld).length,
      8,
      'the old APIs, which have a test of their own',
    )
    for (const [path, methods] of Object.entries(ROUTES))
      for (const method of methods) t.ok(document.paths[path]?.[method], `${method} ${path}`)
    const bodyOf = (method: string, path: string, type: string) => {
      const { $ref } = document.paths[path]![method]!.requestBody!.content[type]!.schema as { $ref: string }
      return document.components.schemas[$ref.split('/').at(-1)!]
    }
    t.match(bodyOf('post', '/videos', 'multipart/form-data'), {
      required: ['video'],
      properties: { title: Object, description: Object, video: { format: 'binary' } },
    })
    t.match(bodyOf('patch', '/videos/{id}', 'application/json'), {
      properties: { title: Object, description: Object, transcript: Object },
    })
  })

  const validators = new Map<string, ValidateFunction>()
  const pointer = (...keys: string[]) =>
    keys.map(key => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')

  await t.test('each answer is as it says', async t => {
    const { id } = await postVideo(url, await clip({ words: [{ word: 'apple', start: 0.5 }] }))
    await endedVideo(url, id)
    const failed = await postVideo(url, import.meta.filename, {}, { name: 'a.mp4' })
    await endedVideo(url, failed.id)
    const unknown = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
    const { id: recording } = await getJson<{ id: string }>(`${url}/recordings`, { method: 'POST' })
    const { id: webhook } = await getJson<{ id: string }>(`${url}/webhooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"url":"https://receiver.invalid/"}',
    })
    const { id: open } = await getJson<{ id: string }>(`${url}/recordings`, { method: 'POST' })
    const tus = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' }
    const ietf = { 'upload-complete': '?1', 'content-type': 'application/partial-upload' }
    const created = await rawRequest(url, '/uploads', {
      method: 'POST',
      headers: { ...tus, 'upload-length': 5 },
    })
    const upload = new URL(created.headers.location!, url).pathname
    const json = { 'content-type': 'application/json' }
    const form = { 'content-type': 'multipart/form-data; boundary=x' }
    const part = (name: string, rest = '') =>
      `--x\r\nContent-Disposition: form-data; name="${name}"${rest}\r\n\r\n`
    const walk: [route: string, path: string, status: number, options?: Parameters<typeof rawRequest>[2]][] =
      [
        ['/status', '/status', 200],
        ['/health/live', '/health/live', 200],
        ['/health/ready', '/health/ready', 200],
        ['/metrics', '/metrics', 200],
        [
          '/webhooks',
          '/webhooks',
          201,
          { method: 'POST', headers: json, body: '{"url":"https://a.invalid/"}' },
        ],
        ['/webhooks', '/webhooks', 400, { method: 'POST', headers: json, body: '{"url":"https://[::1]/"}' }],
        ['/webhooks', '/webhooks', 200],
        ['/webhooks/{id}', `/webhooks/${webhook}`, 200],
        ['/webhooks/{id}', `/webhooks/${unknown}`, 404],
        ['/webhooks/{id}/secrets', `/webhooks/${webhook}/secrets`, 201, { method: 'POST' }],
        ['/webhooks/{id}/ping', `/webhooks/${webhook}/ping`, 200, { method: 'POST' }],
        ['/webhooks/{id}/ping', `/webhooks/${unknown}/ping`, 404, { method: 'POST' }],
        ['/webhooks/{id}/deliveries', `/webhooks/${webhook}/deliveries`, 200],
        ['/webhooks/{id}/deliveries', `/webhooks/${webhook}/deliveries?limit=0`, 400],
        [
          '/webhooks/{id}/deliveries/{delivery}/replay',
          `/webhooks/${webhook}/deliveries/${unknown}/replay`,
          404,
          { method: 'POST' },
        ],
        ['/webhooks/{id}', `/webhooks/${webhook}`, 204, { method: 'DELETE' }],
        ['/recordings', '/recordings', 201, { method: 'POST', headers: json, body: '{"title":"x"}' }],
        ['/recordings', '/recordings', 400, { method: 'POST', headers: json, body: '{"title":1}' }],
        ['/recordings/{id}', `/recordings/${recording}`, 200],
        ['/recordings/{id}', `/recordings/${unknown}`, 404],
        [
          '/recordings/{id}/chunks/{n}',
          `/recordings/${recording}/chunks/1`,
          200,
          { method: 'PUT', body: 'b' },
        ],
        [
          '/recordings/{id}/chunks/{n}',
          `/recordings/${recording}/chunks/1`,
          409,
          { method: 'PUT', body: 'c' },
        ],
        ['/recordings/{id}/chunks/{n}', `/recordings/${unknown}/chunks/1`, 404, { method: 'PUT', body: 'b' }],
        ['/recordings/{id}/chunks', `/recordings/${recording}/chunks`, 415, { method: 'POST' }],
        ['/recordings/{id}/finalize', `/recordings/${recording}/finalize`, 409, { method: 'POST' }],
        [
          '/recordings/{id}/finalize',
          `/recordings/${recording}/finalize`,
          200,
          { method: 'POST', headers: json, body: '{"allow_gaps":true}' },
        ],
        ['/recordings/{id}', `/recordings/${recording}`, 409, { method: 'DELETE' }],
        [
          '/recordings/{id}/chunks/{n}',
          `/recordings/${open}/chunks/400`,
          409,
          { method: 'PUT', body: 'far ahead of the first missing chunk' },
        ],
        ['/uploads', '/uploads', 400, { method: 'POST', headers: { ...tus, 'upload-length': 'x' } }],
        ['/uploads', '/uploads', 412, { method: 'POST', headers: { 'tus-resumable': '0.2.2' } }],
        ['/uploads', '/uploads', 413, { method: 'POST', headers: { ...tus, 'upload-length': 1e15 } }],
        ...[tus, ietf].flatMap((protocol): [string, string, number, object][] => [
          [
            '/uploads/{id}',
            upload,
            409,
            { method: 'PATCH', headers: { ...protocol, 'upload-offset': 3 }, body: 'x' },
          ],
          [
            '/uploads/{id}',
            `/uploads/${unknown}`,
            404,
            { method: 'PATCH', headers: { ...protocol, 'upload-offset': 0 } },
          ],
        ]),
        ['/videos', '/videos', 200],
        ['/videos', '/videos?limit=1', 200],
        ['/videos', '/videos?limit=0', 400],
        ['/videos', '/videos?q=apple', 200],
        ...[`{"ids":["${unknown}"]}`, '{"ids":[]}'].map((body, index): [string, string, number, object] => [
          '/videos',
          '/videos',
          index ? 400 : 200,
          // Node's client frames no body of a DELETE by itself.
          { method: 'DELETE', headers: { ...json, 'content-length': body.length }, body },
        ]),
        [
          '/videos',
          '/videos',
          400,
          { method: 'POST', headers: form, body: `${part('title')}x\r\n--x--\r\n` },
        ],
        ['/videos', '/videos', 415, { method: 'POST', headers: json, body: '{}' }],
        [
          '/videos',
          '/videos',
          201,
          { method: 'POST', headers: form, body: `${part('video', '; filename="a.mp4"')}x\r\n--x--\r\n` },
        ],
        ['/videos/{id}', `/videos/${id}`, 200],
        ['/videos/{id}', `/videos/${failed.id}`, 200],
        ['/videos/{id}', `/videos/${unknown}`, 404],
        ['/videos/{id}', '/videos/x', 400],
        ...['PUT', 'PATCH'].flatMap(
          method =>
            [
              [
                '/videos/{id}',
                `/videos/${id}`,
                200,
                { method, headers: json, body: '{"transcript":"apple pie"}' },
              ],
              ['/videos/{id}', `/videos/${id}`, 400, { method, headers: json, body: '{"tag":1}' }],
              ['/videos/{id}', `/videos/${unknown}`, 404, { method, headers: json, body: '{"title":"x"}' }],
              [
                '/videos/{id}',
                `/videos/${id}`,
                415,
                { method, headers: { 'content-type': 'a/b' }, body: 'x' },
              ],
            ] as [string, string, number, object][],
        ),
        ...['stream', 'source', 'audio', 'poster', 'poster/small'].flatMap(
          what =>
            [
              [`/videos/{id}/${what}`, `/videos/${id}/${what}`, 200],
              [`/videos/{id}/${what}`, `/videos/${id}/${what}`, 206, { headers: { range: 'bytes=0-1' } }],
              [
                `/videos/{id}/${what}`,
                `/videos/${id}/${what}`,
                206,
                { headers: { range: 'bytes=0-1,900-901' } },
              ],
              [
                `/videos/{id}/${what}`,
                `/videos/${id}/${what}`,
                416,
                { headers: { range: 'bytes=999999999-' } },
              ],
              [`/videos/{id}/${what}`, `/videos/${id}/${what}`, 304, { headers: { 'if-none-match': '*' } }],
              [`/videos/{id}/${what}`, `/videos/${id}/${what}`, 412, { headers: { 'if-match': '"x"' } }],
              [`/videos/{id}/${what}`, `/videos/${unknown}/${what}`, 404],
            ] as [string, string, number, object?][],
        ),
        ['/videos/{id}/audio', `/videos/${failed.id}/audio`, 404],
        ['/videos/{id}/peaks.json', `/videos/${id}/peaks.json`, 200],
        ['/videos/{id}/transcript', `/videos/${id}/transcript`, 200],
        ['/videos/{id}/transcript', `/videos/${failed.id}/transcript`, 404],
        ['/videos/{id}/captions.vtt', `/videos/${id}/captions.vtt`, 200],
        ['/videos/{id}/captions.srt', `/videos/${id}/captions.srt`, 200],
        ['/videos/{id}/embed', `/videos/${id}/embed`, 200],
        ['/videos/{id}/embed', `/videos/${unknown}/embed`, 404],
        ...[`/videos/${id}`, `/videos/${unknown}`, '/uploads'].flatMap(
          (of): [string, string, number, object][] =>
            [201, 400].map(status => [
              of === '/uploads' ? '/uploads/links' : '/videos/{id}/links',
              `${of}/links`,
              status === 201 && of.endsWith(unknown) ? 404 : status,
              {
                method: 'POST',
                headers: json,
                body: status === 400 ? '{"x":1}' : of === '/uploads' ? '{}' : '{"kinds":["stream"]}',
              },
            ]),
        ),
        ['/videos/{id}/retry', `/videos/${id}/retry`, 202, { method: 'POST' }],
        ['/videos/{id}/retry', `/videos/${unknown}/retry`, 404, { method: 'POST' }],
        ['/videos/{id}', `/videos/${id}`, 204, { method: 'DELETE' }],
        ['/videos/{id}', `/videos/${id}`, 404, { method: 'DELETE' }],
        ['/videos/bin', '/videos/bin', 200],
        ['/videos/bin', '/videos/bin?cursor=x', 400],
        ['/usage', '/usage', 200],
        [
          '/videos/{id}/restore',
          `/videos/${id}/restore`,
          412,
          { method: 'POST', headers: { 'if-match': '"x"' } },
        ],
        ['/videos/{id}/restore', `/videos/${id}/restore`, 200, { method: 'POST' }],
        ['/videos/{id}/restore', `/videos/${unknown}/restore`, 404, { method: 'POST' }],
        ['/videos/{id}/restore', '/videos/x/restore', 400, { method: 'POST' }],
        ['/videos/bin', '/videos/bin', 200, { method: 'DELETE' }],
      ]
    for (const [route, path, status, options = {}] of walk) {
      const method = (options.method ?? 'GET').toLowerCase()
      const what = `${method} ${path}: ${status}`
      const answer = await rawRequest(url, path, options)
      t.equal(answer.status, status, `${what} ${status < 400 ? '' : answer.text}`)
      const said = document.paths[route]?.[method]?.responses[status]
      if (!t.ok(said, `${what} is documented`) || status === 204 || status === 304) continue
      const type = String(answer.headers['content-type']).split(';')[0]!
      // The type of a video's bytes is found out from them.
      const key = said!.content?.[type] ? type : 'application/octet-stream'
      if (!t.ok(said!.content?.[key], `${what}: ${type} is documented`) || !type.endsWith('json')) continue
      const schema = `api#/paths/${pointer(route, method, 'responses', String(status), 'content', key, 'schema')}`
      const validate = validators.get(schema) ?? ajv.compile({ $ref: schema })
      validators.set(schema, validate)
      t.ok(validate(JSON.parse(answer.text)), `${what}: ${ajv.errorsText(validate.errors)}`)
    }
    t.ok(validators.size > 15, 'that was checked')
  })

  await t.test('/docs shows it', async t => {
    for (const path of ['/docs', '/docs/']) {
      const page = await fetch(`${url}${path}`)
      t.equal(page.status, 200)
      const html = await page.text()
      t.match(html, /<h1>Longtake API<\/h1>/)
      const parts = [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, part]) => part!)
      t.equal(parts.length, 2)
      for (const part of parts) t.equal((await fetch(new URL(part, `${url}/docs/`))).status, 200, part)
    }
  })

  await t.test('the version is that of the package', async t => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    t.match(await getJson(`${url}/status`), { version })
  })
})
