import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { ApiError } from '../../src/base/errors.ts'
import { CHECKSUM_ALGORITHMS, checkOf } from '../../src/uploads/tus/checksum-header.ts'

const BODY = Buffer.from('hello world')

/** Of BODY. `sha1` is the specification's own example; `crc32` is the check value of its bytes in network order. */
const SUMS: Record<string, string> = {
  sha1: 'Kq5sNclPz7QV2+lfQIuc6R7oRu0=',
  sha256: createHash('sha256').update(BODY).digest('base64'),
  sha512: createHash('sha512').update(BODY).digest('base64'),
  md5: 'XrY7u+Ae7tCTyyK7j1rNww==',
  crc32: 'DUoRhQ==',
}

interface Fields {
  readonly headers?: Record<string, string>
  readonly trailers?: Record<string, string>
  readonly complete?: boolean
}

const request = ({ headers = {}, trailers = {}, complete = true }: Fields) =>
  ({ headers, trailers, complete }) as unknown as IncomingMessage

/** 0 where the check is passed, else the status that it is refused with. */
function check(fields: Fields, body: readonly Uint8Array[] = [BODY]): number {
  try {
    const found = checkOf(request(fields))
    if (!found) throw new Error('no check')
    for (const chunk of body) found.update(chunk)
    found.verify()
    return 0
  } catch (error) {
    if (error instanceof ApiError) return error.status
    throw error
  }
}

const header = (value: string): Fields => ({ headers: { 'upload-checksum': value } })
const trailer = (value: string): Fields => ({
  headers: { trailer: 'X-Other, upload-checksum' },
  trailers: { 'upload-checksum': value },
})

t.test('known values of every algorithm, in pieces too', async t => {
  t.same(CHECKSUM_ALGORITHMS.toSorted(), Object.keys(SUMS).toSorted())
  for (const [algorithm, sum] of Object.entries(SUMS)) {
    for (const fields of [header(`${algorithm} ${sum}`), trailer(`${algorithm} ${sum}`)]) {
      t.equal(check(fields), 0, algorithm)
      t.equal(check(fields, [BODY.subarray(0, 4), BODY.subarray(4)]), 0, `${algorithm} in pieces`)
      t.equal(check(fields, [BODY.subarray(1)]), 460, `${algorithm}, a byte short`)
      t.equal(check(fields, []), 460, `${algorithm}, nothing`)
      t.equal(check({ ...fields, complete: false }), 460, `${algorithm}, a body that did not end`)
    }
  }
})

t.test('none is asked for', async t => {
  t.equal(checkOf(request({})), undefined)
  t.equal(checkOf(request({ headers: { trailer: 'X-Other' } })), undefined)
  t.equal(checkOf(request(header(''))), undefined, 'an empty field is none')
})

t.test('what cannot be checked is refused before a byte is taken', async t => {
  for (const value of ['sha3 AAAA', 'SHA1 AAAA', '__proto__ AAAA', 'sha1', 'sha1 a b', 'sha1 ****'])
    t.throws(() => checkOf(request(header(value))), { status: 400, code: 'invalid_checksum' }, value)
})

t.test('a trailer that does not come, or is malformed', async t => {
  t.equal(check({ headers: { trailer: 'Upload-Checksum' } }), 460)
  t.equal(check(trailer('sha3 AAAA')), 400)
})
