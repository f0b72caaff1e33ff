import { once } from 'node:events'
import { request as connect } from 'node:http'
import type { AddressInfo } from 'node:net'
import multipart from '@fastify/multipart'
import { fastify } from 'fastify'
import t from 'tap'
import { formParts } from '../../src/http/form-parts.ts'
import { readForm } from '../../src/http/routes/compatibility/form.ts'

const TYPES = ['multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'application/json']

async function firstOf(parts: AsyncGenerator): Promise<unknown> {
  return parts.next()
}

t.test('a form whose client has left before it is read is refused, whatever its type', async t => {
  const app = fastify()
  await app.register(multipart)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(TYPES, (_request, _body, done) => done(null))
  const read = Promise.withResolvers<{ type: string; outcomes: PromiseSettledResult<unknown>[] }[]>()
  const results: { type: string; outcomes: PromiseSettledResult<unknown>[] }[] = []
  app.post('/', async request => {
    request.raw.on('error', () => {})
    await new Promise<void>(resolve => request.raw.on('close', () => resolve()))
    const type = request.headers['content-type']!
    const readers: Promise<unknown>[] = [readForm(request, { files: ['video'], maxBytes: 100 })]
    if (type.startsWith('multipart')) readers.push(firstOf(formParts(request)))
    results.push({ type, outcomes: await Promise.allSettled(readers) })
    if (results.length === TYPES.length) read.resolve(results)
    return ''
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const { port } = app.server.address() as AddressInfo
  for (const type of TYPES) {
    const headers = { 'content-type': type, 'content-length': 1000 }
    const outgoing = connect({ port, method: 'POST', headers }).on('error', () => {})
    const [socket] = await once(outgoing, 'socket')
    outgoing.write('--x\r\n')
    await once(socket, 'connect')
    await new Promise<void>(resolve => outgoing.write('{', () => resolve()))
    setImmediate(() => outgoing.destroy())
  }
  for (const { type, outcomes } of await read.promise)
    for (const outcome of outcomes) t.match(outcome, { status: 'rejected', reason: { status: 400 } }, type)
})
