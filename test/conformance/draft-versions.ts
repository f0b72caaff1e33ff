import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { DraftWire } from '../support/draft-wire.ts'
import type { LastingService } from '../support/lasting-service.ts'
import { until } from '../support/until.ts'

// The interop versions of draft-ietf-httpbis-resumable-upload: 3 is revision 01, 4 is 02, 5 is 03, 6 is 04 and 05, 7 is 06 to 08, 8 is
// everything since. Each test names what the revisions say differently.

const HALF = '01234'
const REST = '56789'

export async function draftVersions(t: Test, { service }: LastingService): Promise<void> {
  const stored = (path: string) => readFileSync(join(service.dataDir, path), 'utf8')

  // They wait for what is told once a second, most of the time.
  t.jobs = 6
  for (const version of [3, 4, 5, 6, 7, 8]) {
    t.test(`version ${version}`, { buffered: true }, async t => {
      const draft = new DraftWire(service.url, version)

      await t.test('creation, 104, offset, append, completion', async t => {
        const created = await draft.post(false, HALF)
        t.equal(created.status, 201)
        t.equal(draft.isComplete(created), false)
        const path = created.headers.location!
        const [first] = created.informed
        t.equal(first?.status, 104)
        t.equal(first?.headers['upload-draft-interop-version'], `${version}`)
        t.equal(first?.headers.location, path)
        const head = await draft.head(path)
        t.equal(head.status, 204)
        t.equal(head.headers['upload-offset'], '5')
        t.equal(draft.isComplete(head), false)
        const part = await draft.append(path, 5, false, REST.slice(0, 2))
        t.equal(part.status, version <= 6 ? 201 : 204, 'revisions 01 to 04: MUST [...] 201 (Created)')
        t.equal(draft.isComplete(part), false)
        t.equal(part.headers['upload-offset'], '7')
        const last = await draft.append(path, 7, true, REST.slice(2))
        t.equal(last.status, version <= 6 ? 201 : 200)
        t.equal(draft.isComplete(last), true)
        t.equal(stored(path), HALF + REST)
        t.equal(draft.isComplete(await draft.head(path)), true)
      })

      await t.test('409 tells the offset, and that the upload is not complete', async t => {
        const path = await draft.create(HALF)
        const answer = await draft.append(path, 2, false, REST)
        t.equal(answer.status, 409)
        t.equal(answer.headers['upload-offset'], '5')
        t.equal(draft.isComplete(answer), false)
        t.equal((await draft.send('DELETE', path)).status, 204)
      })

      await t.test('the header of completeness is the one of the version', async t => {
        const other = version === 3 ? { 'upload-complete': '?1' } : { 'upload-incomplete': '?0' }
        t.equal((await draft.send('POST', '/uploads', other, HALF)).status, 400)
      })

      await t.test('the media type of an append (revision 04: MUST)', async t => {
        for (const type of [undefined, 'application/offset+octet-stream']) {
          const path = await draft.create(HALF)
          const { status } = await draft.append(path, 5, true, REST, { 'content-type': type })
          t.equal(status, version < 6 ? 201 : 415, `${type}`)
        }
      })

      await t.test('an append that does not say whether it is the last', async t => {
        const path = await draft.create(HALF)
        const silent = { 'upload-complete': undefined, 'upload-incomplete': undefined }
        const { status } = await draft.append(path, 5, true, REST, silent)
        t.equal(status, version < 6 ? 201 : 400)
      })

      await t.test('limits (revision 04), and the lifetime among them', async t => {
        for (const answer of [
          await draft.head(await draft.create()),
          await draft.send('OPTIONS', '/uploads'),
        ]) {
          const limits = String(answer.headers['upload-limit'] ?? '')
          const lifetime = version < 6 ? '' : version === 6 ? 'expires=' : 'max-age='
          if (lifetime) t.match(limits, lifetime)
          else t.equal(limits, '')
        }
      })

      await t.test('HEAD and DELETE with an offset (to revision 04: MUST be rejected with 400)', async t => {
        const path = await draft.create(HALF)
        const headers = { 'upload-offset': 5 }
        t.equal((await draft.send('HEAD', path, headers)).status, version <= 6 ? 400 : 204)
        t.equal((await draft.send('DELETE', path, headers)).status, version <= 6 ? 400 : 204)
      })

      await t.test('the progress in 104 (revision 03)', async t => {
        const { outgoing, answer, informed } = draft.open('PATCH', await draft.create(), {
          ...draft.appendHeaders(0, true),
          'content-length': 10,
        })
        const told = () => informed.some(({ headers }) => headers['upload-offset'] !== undefined)
        outgoing.write(HALF)
        let at = 5
        // One byte a second and a half, because what is durable is told once a second.
        const timer = setInterval(() => at < 9 && outgoing.write(REST[at++ - 5]!), 1500)
        if (version < 5) await until(() => at >= 8)
        else await until(told)
        clearInterval(timer)
        outgoing.end(REST.slice(at - 5))
        t.equal(draft.isComplete(await answer), true)
        t.equal(told(), version >= 5)
        for (const { headers } of informed) t.equal(headers.location, undefined, 'MUST NOT include Location')
      })
    })
  }

  await t.test('without a version, Upload-Incomplete tells the oldest', async t => {
    const bare = new DraftWire(service.url, null)
    const answer = await bare.send('POST', '/uploads', { 'upload-incomplete': '?0' }, HALF)
    t.equal(answer.status, 201)
    t.equal(answer.headers['upload-incomplete'], '?0')
    t.same(answer.informed, [])
  })
}
