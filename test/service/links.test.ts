import { readFile } from 'node:fs/promises'
import t from 'tap'
import { clip } from '../support/clips.ts'
import { DraftWire } from '../support/draft-wire.ts'
import { flavours } from '../support/flavours.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { rawRequest } from '../support/raw-request.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { OCTETS } from '../support/tus-wire.ts'
import { until } from '../support/until.ts'
import { getJson, type VideoView } from '../support/video-api.ts'

type Links = Readonly<Record<string, string | null>>

const TUS = { 'tus-resumable': '1.0.0' }
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
const KINDS = ['stream', 'source', 'audio', 'poster', 'captions', 'storyboard', 'embed', 'events']
const TITLE = `</title><script>alert("1")</script>&'`

await flavours(t, async (t, { env }) => {
  const { service, keys } = await startGuarded(
    { ...env, EMBED_ORIGINS: 'https://blog.example', RATE_LIMIT: '400', TRUSTED_PROXIES: '127.0.0.1' },
    {
      alice: { owner: 'alice', scopes: ['read', 'write'] },
      bob: { owner: 'bob', scopes: ['read', 'write'] },
      busy: { owner: 'busy', scopes: ['read', 'write'] },
      // Asks again and again, how often is a matter of the machine: that would use up what the others may ask.
      waiting: { owner: 'waiting', scopes: ['admin'] },
    },
  )
  t.teardown(() => service.stop())
  const { url } = service
  const json = async <T>(path: string, body: object, method = 'POST', headers = keys.alice): Promise<T> =>
    getJson<T>(url + path, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const post = async (path: string, title: string) => {
    const form = new FormData()
    form.append('title', title)
    form.append('video', new Blob([await readFile(path)], { type: 'video/mp4' }), 'clip.mp4')
    const { id } = await getJson(`${url}/videos`, { method: 'POST', body: form, headers: keys.alice })
    return until(async () => {
      const video = await getJson(`${url}/videos/${id}`, { headers: keys.waiting })
      return video.steps.every(step => !['pending', 'running'].includes(step.state)) && video
    })
  }
  const sign = async (id: string, kinds: string[], expires_in = 600) =>
    (await json<{ links: Links }>(`/videos/${id}/links`, { kinds, expires_in })).links
  const code = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(url + path, init)
    const type = answer.headers.get('content-type') ?? ''
    const problem =
      type.startsWith('application/problem') && init.method !== 'HEAD' ? await answer.json() : {}
    await answer.body?.cancel().catch(() => {})
    return `${answer.status} ${(problem as { code?: string }).code ?? ''}`.trim()
  }

  const { id } = await post(await clip({ words: [{ word: 'apple', start: 0.5 }] }), TITLE)
  await json<VideoView>(`/videos/${id}`, { transcript: 'An apple.' }, 'PATCH')
  const other = await post(await clip({ audio: 'none' }), 'Other')
  const links = await sign(id, KINDS)

  await t.test('whoever has a link sees what it is for', async t => {
    t.match(
      await sign(other.id, ['audio', 'captions']),
      { audio: null, captions: /captions\?/, captions_vtt: null, captions_srt: null, chapters_vtt: null },
      'there is none',
    )
    for (const [name, link] of Object.entries(links)) {
      if (name === 'chapters_vtt') continue
      t.equal(await code(link!), '200', name)
      t.equal(await code(link!, { method: 'HEAD' }), '200', name)
    }
    const ranged = await fetch(url + links['stream'], { headers: { range: 'bytes=0-1' } })
    t.same([ranged.status, (await ranged.arrayBuffer()).byteLength], [206, 2])
    t.equal(ranged.headers.get('cross-origin-resource-policy'), 'cross-origin')
    const events = await fetch(url + links['events'])
    const first = await events.body!.getReader().read()
    t.match(Buffer.from(first.value!).toString(), /event: video\ndata: \{"id":/)
  })

  await t.test('nothing of a link can be altered', async t => {
    const link = links['stream']!
    const [path, query] = link.split('?') as [string, string]
    const parameters = new URLSearchParams(query)
    const altered = (changes: Record<string, string>) =>
      `${path}?${new URLSearchParams({ ...Object.fromEntries(parameters), ...changes })}`
    const expires = Number(parameters.get('expires'))
    const bad = [
      link.replace(id, other.id),
      link.replace(id, id.toUpperCase()),
      link.replace('/stream?', '/source?'),
      link.replace('/stream?', '/embed?'),
      link.replace('/stream?', '?'),
      altered({ kind: 'source' }),
      altered({ kind: 'embed' }),
      altered({ kind: 'constructor' }),
      altered({ expires: String(expires + 1) }),
      altered({ expires: `0${expires}` }),
      altered({ expires: '1e99' }),
      altered({ signature: 'x' }),
      altered({ download: '1' }),
      `${link}&kind=stream`,
      `${link}&signature=x`,
      `${path}?signature=`,
      `/videos?${query}`,
      `/status?${query}`,
      `/uploads/links?${query}`,
    ]
    for (const one of bad) t.equal(await code(one), '403 invalid_link', one)
    t.equal(await code(path), '401 unauthenticated')
    for (const method of ['PUT', 'PATCH', 'DELETE', 'POST'])
      for (const one of [link, `/videos/${id}?${query}`, `/videos/${id}/links?${query}`])
        t.equal(await code(one, { method }), '403 invalid_link', `${method} ${one}`)
    t.equal(await code(altered({ kind: 'source' }), { headers: keys.bob }), '404 not_found')
    t.equal(await code(altered({ kind: 'source' }), { headers: keys.alice }), '200', 'a key is enough')
  })

  await t.test('a link ends', async t => {
    const { poster } = await sign(id, ['poster'], 1)
    t.equal(await until(async () => (await code(poster!)) === '403 link_expired'), true)
    for (const body of [
      {},
      { kinds: [] },
      { kinds: ['x'] },
      { kinds: ['stream'], expires_in: 0 },
      { kinds: ['stream'], expires_in: 1e9 },
      { kinds: ['stream'], more: 1 },
    ]) {
      const answer = await rawRequest(url, `/videos/${id}/links`, {
        method: 'POST',
        headers: { ...keys.alice, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      t.equal(answer.status, 400, JSON.stringify(body))
    }
  })

  await t.test('a page with the player, and all that it loads', async t => {
    const page = await fetch(url + links['embed'])
    const html = await page.text()
    t.notMatch(html, '<script>alert')
    t.match(html, '<title>&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;</title>')
    t.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
    t.equal(page.headers.get('x-frame-options'), null)
    const policy = page.headers.get('content-security-policy')!
    t.match(policy, /^default-src 'none'; .*frame-ancestors https:\/\/blog\.example$/)
    t.notMatch(policy, 'unsafe')
    const loaded = [...html.matchAll(/(?:src|poster|data-sheet)="([^"]+)"/g)].map(([, address]) =>
      address!.replaceAll('&amp;', '&'),
    )
    const ends = loaded.map(address => address.split('?')[0]!.split('/').at(-1)).sort()
    t.same(ends, ['captions.vtt', 'poster', 'storyboard.jpg', 'storyboard.vtt', 'stream'])
    for (const address of loaded) t.equal(await code(address), '200', address)
    t.equal(await code(links['embed']!.replace('/embed?', '/source?')), '403 invalid_link')
    const api = await fetch(`${url}/videos/${id}`, { headers: keys.alice })
    t.equal(api.headers.get('x-frame-options'), 'DENY')
    t.equal(api.headers.get('x-content-type-options'), 'nosniff')
  })

  await t.test('whoever opens a link that leads nowhere in a browser gets a page', async t => {
    const gone = await post(await clip({ audio: 'none' }), 'Gone')
    const goneLinks = await sign(gone.id, ['embed', 'stream'])
    await fetch(`${url}/videos/${gone.id}`, { method: 'DELETE', headers: keys.alice })
    const expired = await sign(id, KINDS, 1)
    await until(async () => (await code(expired['poster']!)) === '403 link_expired')
    const upload = await json<{ url: string }>('/uploads/links', {})
    const cases: [path: string, status: number, title: string][] = [
      ...Object.values(expired)
        .filter(link => link !== null)
        .map(link => [link!, 403, 'This link has expired'] as [string, number, string]),
      [links['embed']!.replace('/embed?', '/source?'), 403, 'This link does not work'],
      [goneLinks['embed']!, 404, 'There is nothing here'],
      [goneLinks['stream']!, 404, 'There is nothing here'],
      [`/videos/${id}/stream`, 401, 'Sign in to see this'],
      [`/videos/${id}/embed`, 401, 'Sign in to see this'],
      [`/videos/${id}`, 401, 'Sign in to see this'],
      [`/videos/not-an-id/embed`, 401, 'Sign in to see this'],
      ['/nowhere', 404, 'There is nothing here'],
      ['/watch', 404, 'There is nothing here'],
      ['/assets/nothing.js', 404, 'There is nothing here'],
      ['/%', 400, 'This address is not valid'],
      [upload.url, 404, 'There is nothing here'],
    ]
    for (const [path, status, title] of cases) {
      const page = await fetch(url + path, { headers: { accept: BROWSER } })
      const html = await page.text()
      t.match(page.headers.get('content-type'), 'text/html', path)
      t.equal(page.status, status, path)
      t.match(html, `<h1>${title}</h1>`, path)
      t.notMatch(html, '<script')
      const isFramed = /\/embed(\?|$)/.test(path)
      t.match(
        page.headers.get('content-security-policy'),
        `frame-ancestors ${isFramed ? 'https://blog.example' : "'none'"}`,
        path,
      )
      t.equal(page.headers.get('x-frame-options'), isFramed ? null : 'DENY', path)
      const program = await fetch(url + path, { headers: { accept: 'application/json' } })
      t.match(program.headers.get('content-type'), 'json', path)
      await program.body?.cancel()
    }
    const docs = await fetch(`${url}/docs`, { headers: { accept: BROWSER } })
    t.match(
      [docs.status, await docs.text()],
      [200, /<title>Longtake API<\/title>/],
      'the documentation needs no key',
    )
  })

  await t.test('a link for one upload', async t => {
    const made = await json<{ url: string; max_size: number }>('/uploads/links', { max_size: 10 })
    t.equal(made.max_size, 10)
    const token = new URLSearchParams(made.url.split('?')[1]).get('link')!
    const create = (size: Record<string, string | number>) =>
      rawRequest(url, made.url, { method: 'POST', headers: { ...TUS, ...size } })
    t.equal((await create({ 'upload-length': 11 })).status, 413)
    t.equal((await create({ 'upload-length': 1, 'upload-concat': 'partial' })).status, 403)
    t.equal(await code(`/videos?link=${token}`), '401 unauthenticated')
    t.equal(
      await code(`/uploads?link=${'x'.repeat(43)}`, { method: 'POST', headers: TUS }),
      '403 invalid_link',
    )
    const all = await Promise.all(Array.from({ length: 8 }, () => create({ 'upload-defer-length': 1 })))
    const [
      {
        headers: { location },
      },
    ] = all as [(typeof all)[number]]
    t.ok(
      all.every(({ status, headers }) => status === 201 && headers.location === location),
      'all get the same upload while it has no byte',
    )
    t.equal(location, `${location!.split('?')[0]}?link=${token}`)
    const patch = (path: string, offset: number, body: string, length?: number) =>
      rawRequest(url, path, {
        method: 'PATCH',
        headers: {
          ...TUS,
          'upload-offset': offset,
          'content-type': OCTETS,
          ...(length !== undefined && { 'upload-length': length }),
        },
        body,
      })
    t.equal((await patch(location!, 0, '12345')).status, 204)
    t.equal((await patch(location!, 5, '678901')).status, 413, 'no more than the link allows')
    t.equal((await patch(location!, 5, '6', 11)).status, 413)
    const path = location!.split('?')[0]!
    t.equal((await patch(path, 5, '6')).status, 401)
    const { headers: hers } = await rawRequest(url, '/uploads', {
      method: 'POST',
      headers: { ...TUS, ...keys.alice, 'upload-length': 3 },
    })
    t.equal((await patch(`${hers.location}?link=${token}`, 0, 'x')).status, 403, 'and no other upload')
    const head = await rawRequest(url, location!, { method: 'HEAD', headers: TUS })
    t.same([head.status, head.headers['upload-offset']], [200, '5'])
    t.equal((await patch(location!, 5, '67', 7)).status, 204)
    const videoId = path.split('/').at(-1)!
    t.match(await getJson(`${url}/videos/${videoId}`, { headers: keys.alice }), { size: 7 })
    t.equal(await code(`/videos/${videoId}`, { headers: keys.bob }), '404 not_found')
    t.equal(await code(`/videos/${videoId}?link=${token}`), '401 unauthenticated')
    t.equal((await create({ 'upload-length': 1 })).status, 403, 'never again')

    const owned = { max_size: 5, owner: 'carol' }
    const headers = { ...keys.bob, 'content-type': 'application/json' }
    t.equal(
      await code('/uploads/links', { method: 'POST', headers, body: JSON.stringify(owned) }),
      '403 insufficient_scope',
    )
    t.equal(service.output.filter(line => line.includes(token)).length, 0, 'the log does not tell it')
  })

  await t.test('by the clients that there are', async t => {
    const first = await json<{ url: string }>('/uploads/links', {})
    const file = await readFile(await clip({ audio: 'none' }))
    const { upload, done } = tusUpload(url, file, { endpoint: url + first.url, chunkSize: 4000 })
    await done
    t.match(upload.url, /\?link=/)
    const second = await json<{ url: string }>('/uploads/links', {})
    const draft = new DraftWire(url)
    const created = await draft.send('POST', second.url, { 'upload-complete': '?0' }, 'abc')
    t.equal(created.status, 201)
    const { location } = created.headers
    t.match(location, /\?link=/)
    t.equal((await draft.send('HEAD', location!)).headers['upload-offset'], '3')
    t.equal((await draft.send('HEAD', location!.split('?')[0]!)).status, 401)
    t.equal((await draft.send('DELETE', location!)).status, 204)
    const third = await json<{ url: string }>('/uploads/links', { expires_in: 1 })
    await until(async () => (await code(third.url, { method: 'POST', headers: TUS })) === '403 link_used')
  })

  await t.test('an Idempotency-Key is one owner’s', async t => {
    const begin = (headers: object) =>
      getJson<{ id: string }>(`${url}/recordings`, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': 'the same' },
      })
    const { id } = await begin(keys.alice)
    t.equal((await begin(keys.alice)).id, id)
    t.not((await begin(keys.bob)).id, id)
  })

  await t.test('who asks too often has to wait, whose bytes are on the way not', async t => {
    const { headers } = await rawRequest(url, '/uploads', {
      method: 'POST',
      headers: { ...TUS, ...keys.busy, 'upload-length': 1 },
    })
    /** Asks as fast as it is answered. */
    const refused = async (init: RequestInit) => {
      for (;;) {
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => fetch(`${url}/videos?limit=1`, init)),
        )
        await Promise.all(answers.map(answer => answer.arrayBuffer()))
        const found = answers.find(({ status }) => status === 429)
        if (found) return found
      }
    }
    t.ok(Number((await refused({ headers: keys.busy })).headers.get('retry-after')) > 0)
    const patched = await rawRequest(url, headers.location!, {
      method: 'PATCH',
      headers: { ...TUS, ...keys.busy, 'upload-offset': 0, 'content-type': OCTETS },
      body: 'x',
    })
    t.equal(patched.status, 204)
    t.equal(await code('/videos', { headers: keys.bob }), '200', 'others are not held up')
    await refused({ headers: { authorization: 'Bearer x' } })
    const behind = { authorization: 'Bearer x', 'x-forwarded-for': '127.0.0.1, 192.0.2.7' }
    t.equal(
      await code('/videos', { headers: behind }),
      '401 invalid_token',
      'nor who comes by the same proxy',
    )
    t.equal(await code('/videos', { headers: keys.bob }), '200', 'nor by whom has no key')
  })

  t.same(
    service.logs.filter(({ msg }) => msg === 'request failed' || msg === 'tus request failed'),
    [],
  )
})
