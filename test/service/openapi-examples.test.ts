import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import t from 'tap'
import { EVENT_TYPES } from '../../src/database/tables/messaging.ts'
import { clip } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { endedVideo, getJson, postVideo } from '../support/video-api.ts'

interface Media {
  readonly schema: object
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}
interface Operation {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly example?: unknown }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly webhooks: Readonly<Record<string, { readonly post: Operation }>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const service = await startService({ env: { WEBHOOK_ALLOW_PRIVATE: 'on' } })
t.teardown(() => service.stop())
const { url } = service
const document = await getJson<Document>(`${url}/openapi.json`)
const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema(document, 'api')

/** The places of all parameters, bodies and headers below `part`. */
function* described(
  part: unknown,
  at: readonly string[],
): Generator<{ at: readonly string[]; media: Media }> {
  if (typeof part !== 'object' || part === null) return
  if ('schema' in part) yield { at, media: part as Media }
  for (const [key, value] of Object.entries(part))
    if (!['schema', 'example', 'examples'].includes(key)) yield* described(value, [...at, key])
}

const pointer = (keys: readonly string[]) =>
  keys.map(key => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')

t.test('every parameter, request and answer has an example, which its schema allows', async t => {
  const sections = { paths: document.paths, webhooks: document.webhooks, components: document.components }
  const problems: string[] = []
  let count = 0
  for (const { at, media } of described(sections, [])) {
    if (at[1] === 'schemas') continue
    count++
    const examples = media.examples
      ? Object.values(media.examples).map(({ value }) => value)
      : [media.example]
    if (examples.includes(undefined) || examples.length === 0) problems.push(`${at.join(' ')} has none`)
    const isAllowed = ajv.compile({ $ref: `api#/${pointer([...at, 'schema'])}` })
    for (const example of examples)
      if (!isAllowed(example)) problems.push(`${at.join(' ')}: ${ajv.errorsText(isAllowed.errors)}`)
  }
  t.same(problems, [])
  t.ok(count > 300, `${count} examples`)
})

t.test('the parts that clients use have names, and no body is nameless', async t => {
  const names = Object.keys(document.components.schemas)
  for (const name of [
    'Step',
    'StepError',
    'Stream',
    'Chapter',
    'Note',
    'VideoLinks',
    'Moment',
    'Segment',
    'Word',
  ])
    t.ok(names.includes(name), name)
  const nameless = Object.values(document.paths).flatMap(operations =>
    Object.values(operations).flatMap(({ operationId, requestBody, ...rest }) =>
      [...described({ requestBody, ...rest }, [])]
        .filter(({ at, media }) => at.includes('application/json') && 'properties' in media.schema)
        .map(({ at }) => `${operationId} ${at.join(' ')}`),
    ),
  )
  const isOurs = (place: string) => !/^old[A-Z]|^finalizeRecording/.test(place)
  t.same(nameless.filter(isOurs), [])
  const { Video } = document.components.schemas as unknown as Record<
    string,
    { properties: Record<string, object> }
  >
  t.match(Video!.properties['steps'], { items: { $ref: '#/components/schemas/Step' } })
  t.match(Video!.properties['error'], {
    anyOf: [{ $ref: '#/components/schemas/StepError' }, { type: 'null' }],
  })
})

t.test('every event that a webhook can receive is described', async t => {
  t.same(Object.keys(document.webhooks).sort(), [...EVENT_TYPES].sort())
  for (const [type, { post }] of Object.entries(document.webhooks)) {
    const { example } = post.requestBody!.content['application/json']!
    t.match(example, { type, data: { video_id: String } })
    t.same(
      post.parameters!.map(({ name }) => name),
      ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
    )
  }
})

t.test('the service accepts the examples of its requests', async t => {
  const { id } = await postVideo(url, await clip({ words: [{ word: 'apple', start: 0.5 }], seconds: 5 }))
  await endedVideo(url, id)
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, { operationId, requestBody }] of Object.entries(operations)) {
      const json = requestBody?.content['application/json']
      // A recording without chunks cannot be finalized; the old APIs have a test of their own.
      if (!json || operationId.startsWith('old') || operationId === 'finalizeRecording') continue
      const answer = await fetch(url + path.replace('{id}', id), {
        method: method.toUpperCase(),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(json.example),
      })
      t.ok(answer.ok, `${operationId}: ${answer.status} ${await answer.text()}`.slice(0, 200))
    }
})
