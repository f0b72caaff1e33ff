import t from 'tap'
import { PgSignal } from '../../src/database/pg-signal.ts'
import type { ProcessSession } from '../../src/database/process-session.ts'

t.test('a topic is sent, whenever it is emitted', async t => {
  for (let ticks = 0; ticks < 12; ticks++) {
    const sent: string[][] = []
    let answer: (() => void) | undefined
    const session = {
      isOpen: true,
      listen: async () => {},
      onReopened: () => {},
      query: async (_text: string, [, topics]: [string, string[]]) => {
        sent.push(topics)
        await new Promise<void>(resolve => {
          answer = resolve
        })
        return []
      },
    }
    const signal = await PgSignal.open(session as unknown as ProcessSession)
    signal.emit('steps')
    answer!()
    // While the answer is on its way to the sender, or a moment later.
    for (let tick = 0; tick < ticks; tick++) await undefined
    signal.emit('deliveries')
    await new Promise(setImmediate)
    answer!()
    await signal.close()
    t.same(sent, [['steps'], ['deliveries']], `after ${ticks} ticks`)
  }
})
