import t from 'tap'
import { parseNatsAddress } from '../../src/messaging/nats-address.ts'

t.test('reads servers, login and scheme, and shows no secret', async t => {
  t.match(parseNatsAddress('nats://127.0.0.1:4222'), {
    servers: ['127.0.0.1:4222'],
    user: undefined,
    tls: undefined,
  })
  t.match(parseNatsAddress('nats://us%40er:p%3Ass@one:4222, nats://[::1]:4223'), {
    servers: ['one:4222', '[::1]:4223'],
    hosts: 'one:4222, [::1]:4223',
    user: 'us@er',
    pass: 'p:ss',
    token: undefined,
  })
  t.match(parseNatsAddress('nats://secret@one'), { servers: ['one'], user: undefined, token: 'secret' })
  t.same(parseNatsAddress('tls://one').tls, {})
  t.same(parseNatsAddress('one:4222').servers, ['one:4222'])
  t.throws(() => parseNatsAddress('nats://one:port'), TypeError)
})
