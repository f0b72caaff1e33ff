import t from 'tap'
import { isCanonicalId, isUuid } from '../../src/base/ids.ts'

t.test('an id is a UUID in its one canonical form', async t => {
  const id = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'
  t.ok(isCanonicalId(id) && isUuid(id))
  t.ok(!isCanonicalId(id.toUpperCase()) && isUuid(id.toUpperCase()))
  const others = [
    '',
    `${id}\n`,
    ` ${id}`,
    `${id}0`,
    id.slice(1),
    id.replaceAll('-', ''),
    `{${id}}`,
    `urn:uuid:${id}`,
    id.replace('0', 'g'),
    id.replace('0', '０'),
    undefined,
    null,
    7,
    [id],
  ]
  for (const other of others) t.ok(!isCanonicalId(other) && !isUuid(other), JSON.stringify(other))
})
