import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip } from '../support/clips.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { until } from '../support/until.ts'
import { getJson } from '../support/video-api.ts'
import { openServicePage } from './service-page.ts'

t.test('a video is embedded in a page of another site', async t => {
  const { service, keys } = await startGuarded({}, { alice: { owner: 'alice', scopes: ['read', 'write'] } })
  t.teardown(() => service.stop())
  const { url } = service
  const headers = { ...keys.alice, 'content-type': 'application/json' }
  const form = new FormData()
  form.append('video', new Blob([await readFile(await clip({ audio: 'none', seconds: 4 }))]), 'clip.mp4')
  const { id } = await getJson(`${url}/videos`, { method: 'POST', body: form, headers: keys.alice })
  await until(async () => {
    const video = await getJson(`${url}/videos/${id}`, { headers })
    return video.status === 'ready' && video.links['storyboard_vtt']
  })
  await getJson(`${url}/videos/${id}`, {
    method: 'PATCH',
    headers,
    body: JSON.stringify({ transcript: 'An apple.' }),
  })
  const { links } = await getJson<{ links: Record<string, string> }>(`${url}/videos/${id}/links`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ kinds: ['embed'] }),
  })
  const blog = createServer((_request, response) =>
    response
      .setHeader('content-type', 'text/html')
      .end(
        `<!doctype html><title>Blog</title><iframe src="${url}${links['embed']}" width=640 height=400></iframe>`,
      ),
  )
  t.teardown(() => blog.close())
  await new Promise<void>(resolve => blog.listen(0, '127.0.0.1', resolve))
  const browser = await startBrowser()
  t.teardown(() => browser.close())

  const { page, complaints } = await openServicePage(
    browser,
    `http://localhost:${(blog.address() as AddressInfo).port}/`,
  )
  const frame = page.frameLocator('iframe')
  await until(() => frame.locator('video').evaluate(video => (video as HTMLVideoElement).readyState >= 1))
  const tracks = await until(async () => {
    const found = await frame.locator('video').evaluate(video =>
      [...(video as HTMLVideoElement).textTracks].map(track => {
        if (track.kind === 'captions') track.mode = 'showing'
        return [track.kind, track.cues?.length ?? 0] as const
      }),
    )
    return found.every(([, cues]) => cues > 0) && found
  })
  t.same(tracks.map(([kind]) => kind).sort(), ['captions', 'metadata'])
  await frame.locator('#strip').hover()
  const preview = frame.locator('#preview')
  await until(() => preview.isVisible())
  t.match(await preview.evaluate(each => getComputedStyle(each).backgroundImage), 'storyboard.jpg?kind=embed')
  await frame.locator('#strip').click()
  await until(() => frame.locator('video').evaluate(video => (video as HTMLVideoElement).currentTime > 1))
  const others = complaints.filter(complaint => complaint !== `a request to ${url}`)
  t.same(others, [], 'the content security policy allows everything that the page does')

  await t.test('the content security policy allows the documentation', async t => {
    const docs = await browser.newContext({ extraHTTPHeaders: keys.alice })
    const page = await docs.newPage()
    const refused: string[] = []
    page.on('console', message => {
      if (/Content Security Policy/.test(message.text())) refused.push(message.text())
    })
    await page.goto(`${url}/docs`)
    await until(() => page.getByText('/videos/{id}/links').first().isVisible())
    t.same(refused, [])
  })
})
