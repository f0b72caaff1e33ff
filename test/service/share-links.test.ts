import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { clip } from '../support/clips.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { until } from '../support/until.ts'
import { getJson } from '../support/video-api.ts'

// Links for guests: the page, its files, previews, passwords, expiry and revocation.

const PASSWORD = 'open sesame & é'
const UNKNOWN = 'A'.repeat(32)
const HTML = { accept: 'text/html' }

interface Link {
  readonly id: string
  readonly url: string
  readonly has_password: boolean
  readonly created_by: string
  readonly opened_count: number
  readonly last_opened_at: string | null
}

const { service, keys } = await startGuarded(
  {},
  {
    alice: { owner: 'alice', scopes: ['read', 'write'] },
    reader: { owner: 'alice', scopes: ['read'] },
    bob: { owner: 'bob', scopes: ['read', 'write'] },
    root: { owner: 'root', scopes: ['admin'] },
  },
)
t.teardown(() => service.stop())
const { url } = service
const media = await readFile(await clip({ audio: 'none', seconds: 4 }))

async function addVideo(title: string): Promise<string> {
  const form = new FormData()
  form.append('title', title)
  form.append('description', 'Secret plans')
  form.append('video', new Blob([media]), 'clip.mp4')
  const { id } = await getJson(`${url}/videos`, { method: 'POST', body: form, headers: keys.alice })
  return id
}
const id = await addVideo('Plans <b>"2030"</b>')
await until(async () => {
  const video = await getJson(`${url}/videos/${id}`, { headers: keys.alice })
  return video.status === 'ready' && video.links['storyboard_vtt']
})
const json = { 'content-type': 'application/json' }
await getJson(`${url}/videos/${id}/transcript`, {
  method: 'PUT',
  headers: { ...keys.alice, ...json },
  body: JSON.stringify({ segments: [{ start: 1, end: 2, text: 'An <i>apple</i>', speaker: 'Ann' }] }),
})

const create = (body: object = {}, headers: Record<string, string> = keys.alice, video = id) =>
  fetch(`${url}/videos/${video}/shares`, {
    method: 'POST',
    headers: { ...headers, ...json },
    body: JSON.stringify(body),
  })
const created = async (body: object = {}) => {
  const response = await create(body)
  t.equal(response.status, 201)
  t.equal(response.headers.get('cache-control'), 'no-store')
  return (await response.json()) as Link
}
const listed = async () =>
  (await getJson<{ items: Link[] }>(`${url}/videos/${id}/shares`, { headers: keys.alice })).items
const revoke = (link: string, headers: Record<string, string> = keys.alice) =>
  fetch(`${url}/shares/${link}`, { method: 'DELETE', headers })
const tokenOf = (link: Link) => link.url.split('/').at(-1)!
const problemOf = async (response: Response) => {
  const { code, field } = (await response.json()) as { code: string; field?: string }
  return [response.status, code, ...(field ? [field] : [])]
}

/** The same for everybody, so that nobody learns whether a link existed. */
async function isGone(t: Test, path: string): Promise<void> {
  const page = await fetch(url + path, { headers: HTML })
  t.equal(page.status, 404)
  const text = await page.text()
  t.match(text, /<h1>This link does not work any more<\/h1>/)
  const unknown = await (await fetch(`${url}/s/${UNKNOWN}`, { headers: HTML })).text()
  const withoutId = (html: string) => html.replace(/404 · [\w-]+/, '')
  t.equal(withoutId(text), withoutId(unknown))
  const token = path.split('/').at(-1)!
  t.same(await problemOf(await fetch(`${url}/videos/${id}/stream?share=${token}`)), [403, 'invalid_link'])
  t.equal((await fetch(`${url}/oembed?url=${encodeURIComponent(url + path)}`)).status, 404)
}

t.test('a guest watches, and sees nothing else', async t => {
  const link = await created({ name: 'Board' })
  t.match(link, { url: /^\/s\/[\w-]{32}$/, name: 'Board', has_password: false, created_by: 'alice' })
  t.match(link, { opened_count: 0, last_opened_at: null, expires_at: null })
  const token = tokenOf(link)
  const response = await fetch(url + link.url)
  t.equal(response.status, 200)
  t.match(response.headers.get('content-security-policy'), /default-src 'none'.*form-action 'self'/)
  t.equal(response.headers.get('referrer-policy'), 'no-referrer')
  t.equal(response.headers.get('x-robots-tag'), 'noindex')
  const html = await response.text()
  t.match(html, 'Plans &lt;b&gt;&quot;2030&quot;&lt;/b&gt;')
  t.match(html, 'An &lt;i&gt;apple&lt;/i&gt;')
  t.match(html, `<meta property="og:title" content="Plans &lt;b&gt;&quot;2030&quot;&lt;/b&gt;">`)
  t.match(html, `<meta property="og:image" content="${url}/videos/${id}/poster?share=${token}">`)
  t.notMatch(html, /alice|clip\.mp4/)
  const files = [...html.matchAll(/(?:src|poster|data-sheet)="([^"]+)"/g)].map(([, path]) => path!)
  t.ok(files.length >= 4, files.join(' '))
  for (const path of [...files, `/videos/${id}/embed?share=${token}`])
    t.equal((await fetch(url + path)).status, 200, path)

  const other = await addVideo('Another')
  const refused = [
    ...['', '/source', '/audio', '/transcript', '/shares', '/events'].map(rest => `/videos/${id}${rest}`),
    `/videos/${other}/stream`,
    `/videos/${other}/embed`,
    '/videos',
    '/status',
    '/keys',
    '/uploads',
  ]
  for (const path of refused)
    t.same(await problemOf(await fetch(`${url}${path}?share=${token}`)), [403, 'invalid_link'], path)
  for (const method of ['DELETE', 'PATCH', 'POST'])
    t.notOk((await fetch(`${url}/videos/${id}?share=${token}`, { method })).ok, method)
  t.equal((await fetch(url + link.url, { method: 'HEAD' })).status, 200)
  await fetch(url + link.url)
  t.match((await listed())[0], { id: link.id, opened_count: 2, last_opened_at: String })
  t.notMatch(JSON.stringify(await listed()), token)
  t.notMatch(service.output.join('\n'), token, 'the log does not contain it')

  const query = (more: string) => `${url}/oembed?url=${encodeURIComponent(url + link.url)}${more}`
  const embed = await getJson<{ html: string; width: number; height: number; title: string }>(
    query('&maxwidth=100'),
  )
  t.match(embed, { version: '1.0', type: 'video', width: 100, title: 'Plans <b>"2030"</b>' })
  const [, src] = /src="([^"]+)"/.exec(embed.html)!
  t.equal((await fetch(src!)).status, 200)
  t.same(await problemOf(await fetch(query('&format=xml'))), [501, 'invalid_request', 'format'])
  for (const address of ['', 'https://evil.example/s/x', `${url}/s/`, `${url}/videos/${id}`])
    t.equal((await fetch(`${url}/oembed?url=${encodeURIComponent(address)}`)).status, 404, address)
})

t.test('a link ends by revocation, expiry and deletion of the video', async t => {
  const link = await created()
  const token = tokenOf(link)
  t.equal((await revoke(link.id, keys.bob)).status, 404)
  t.equal((await revoke(link.id, keys.reader)).status, 403)
  t.equal((await fetch(url + link.url)).status, 200)
  t.equal((await revoke(link.id)).status, 204)
  t.equal((await revoke(link.id)).status, 204)
  await isGone(t, link.url)
  t.equal((await fetch(`${url}/videos/${id}/embed?share=${token}`, { headers: HTML })).status, 403)
  t.notOk((await listed()).some(each => each.id === link.id))
  for (const each of [UNKNOWN, 'x', '..%2f', `${token}x`]) await isGone(t, `/s/${each}`)

  const short = await created({ expires_in: 1 })
  await until(async () => (await fetch(url + short.url)).status === 404)
  await isGone(t, short.url)
  t.ok(
    (await listed()).some(each => each.id === short.id),
    'its creator sees that it has expired',
  )

  const video = await addVideo('Deleted')
  const answer = (await (await create({}, keys.alice, video)).json()) as Link
  await fetch(`${url}/videos/${video}`, { method: 'DELETE', headers: keys.alice })
  await isGone(t, answer.url)
  await fetch(`${url}/videos/${video}/restore`, { method: 'POST', headers: keys.alice })
  t.equal((await fetch(url + answer.url)).status, 200, 'after a restore it works again')
  await fetch(`${url}/videos/${video}?permanent=true`, { method: 'DELETE', headers: keys.alice })
  await isGone(t, answer.url)
})

t.test('a password protects the page, its files and its preview', async t => {
  const link = await created({ password: PASSWORD })
  t.equal(link.has_password, true)
  t.notMatch(JSON.stringify(link), 'sesame')
  const token = tokenOf(link)
  const files = [`/videos/${id}/stream?share=${token}`, `/videos/${id}/embed?share=${token}`]
  const page = await fetch(url + link.url, { headers: HTML })
  t.equal(page.status, 401)
  const html = await page.text()
  t.match(html, /<input name="password" type="password"/)
  t.notMatch(html, /Plans|Secret|apple|og:|oembed/)
  t.equal((await fetch(`${url}/oembed?url=${encodeURIComponent(url + link.url)}`)).status, 404)
  for (const path of files) t.equal((await fetch(url + path)).status, 403, path)

  const enter = (password: string, target = link) =>
    fetch(url + target.url, {
      method: 'POST',
      body: new URLSearchParams({ password }),
      headers: HTML,
      redirect: 'manual',
    })
  const wrong = await enter('wrong')
  t.equal(wrong.status, 401)
  t.match(await wrong.text(), /role="alert">Wrong password/)
  t.equal(wrong.headers.get('set-cookie'), null)
  // The same letter in the form of another keyboard.
  const right = await enter(PASSWORD.normalize('NFD'))
  t.equal(right.status, 303)
  t.match(right.headers.get('set-cookie'), /; HttpOnly; SameSite=Lax$/)
  const cookie = right.headers.get('set-cookie')!.split(';')[0]!
  const watching = await fetch(url + right.headers.get('location')!, { headers: { cookie } })
  t.match(await watching.text(), /og:title/)
  for (const path of files) t.equal((await fetch(url + path, { headers: { cookie } })).status, 200, path)

  const other = await created({ password: PASSWORD })
  const name = (each: Link) => `longtake_guest_${each.id}`
  const moved = cookie.replace(name(link), name(other))
  const later = cookie.replace(/=\d{13}/, '=9999999999999')
  for (const [target, forged] of [
    [other, cookie],
    [other, moved],
    [link, later],
    [link, `${name(link)}=${Date.now() + 1e6}.${'A'.repeat(43)}`],
  ] as const)
    t.equal((await fetch(url + target.url, { headers: { cookie: forged } })).status, 401)

  const statuses = []
  for (let attempt = 0; attempt < 10; attempt++) statuses.push((await enter('no', other)).status)
  t.same(new Set(statuses), new Set([401]))
  const limited = await enter(PASSWORD, other)
  t.equal(limited.status, 429)
  t.match(limited.headers.get('retry-after'), /^\d+$/)
  t.match(await limited.text(), /Too many attempts/)
  t.equal((await enter(PASSWORD)).status, 303, 'other links are not limited')
  for (const body of ['', 'password=', `password=${'x'.repeat(300)}`, 'a'.repeat(5000), '{"password":1}']) {
    const response = await fetch(url + link.url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    t.ok([401, 413].includes(response.status), `${body.slice(0, 20)}: ${response.status}`)
  }
  t.match((await fetch(url + link.url, { method: 'POST', headers: json, body: '{}' })).status, 401)
})

t.test('wrong requests name the field', async t => {
  const wrong: [object, string][] = [
    [{ expires_in: 0 }, 'expires_in'],
    [{ expires_in: 1.5 }, 'expires_in'],
    [{ expires_in: 1e12 }, 'expires_in'],
    [{ password: '' }, 'password'],
    [{ password: 'x'.repeat(201) }, 'password'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ until: 'tomorrow' }, 'until'],
  ]
  for (const [body, field] of wrong)
    t.same(await problemOf(await create(body)), [400, 'invalid_request', field])
  t.equal((await create({}, keys.bob)).status, 404)
  t.equal((await create({}, keys.reader)).status, 403)
  t.equal((await create({}, keys.root, '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071')).status, 404)
  const unknown = `${url}/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/shares`
  t.equal((await fetch(unknown, { headers: keys.root })).status, 404)
  t.equal((await create({}, {})).status, 401)
  t.equal((await revoke('019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071')).status, 404)
  t.equal((await revoke('x')).status, 400)
})
