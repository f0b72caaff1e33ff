import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip } from '../support/clips.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { endedVideo, postVideo } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { startReplaceable } from './replaceable-server.ts'
import { faults, openServicePage } from './service-page.ts'
import { rowOf, upload } from './tray.ts'

const [service, browser, film] = await Promise.all([
  startService({ env: { SPEECH_ENGINE: 'off' } }),
  startBrowser(),
  clip({ seconds: 2, size: '320x180', faststart: true }),
])
t.teardown(() => Promise.all([service.stop(), browser.close()]))
const { id } = await postVideo(service.url, film, { title: 'Harbour' })
await endedVideo(service.url, id)

/** Opens a page and waits until its service worker has taken over. */
async function openWithWorker(url: string) {
  const opened = await openServicePage(browser, url, { serviceWorkers: 'allow' })
  t.teardown(() => opened.page.context().close())
  await until(() => opened.page.evaluate(() => navigator.serviceWorker.controller?.state === 'activated'))
  return opened
}
const cannotBeReached = (page: Page) => page.getByRole('heading', { name: 'Longtake cannot be reached' })
const harbour = (page: Page) => page.getByRole('link', { name: 'Harbour', exact: true })
const versionOf = (page: Page) => page.locator('meta[name=version]').getAttribute('content')
const storedVersion = (page: Page) =>
  page.evaluate(async () => {
    const stored = await caches.match(new URL('offline', document.baseURI))
    return /name="version" content="(\w+)/.exec((await stored?.text()) ?? '')?.[1]
  })

t.test('without a connection a page says what is possible, and opens the view when it is back', async t => {
  const server = await startReplaceable(service.url)
  t.teardown(() => server.close())
  const { page } = await openWithWorker(server.url)
  await harbour(page).waitFor()
  server.set('down')
  await page.reload()
  await cannotBeReached(page).waitFor()
  t.same(await faults(page, 'offline'), [])
  t.same(await unseenInHighContrast(page, 'offline'), [])
  await page.goto(`${server.url}/watch/${id}`)
  await page.getByText('The server does not respond at the moment.').waitFor()
  await page.context().setOffline(true)
  await page.getByText('You are offline.').waitFor()
  await page.context().setOffline(false)
  const refused = await page.evaluate(() => fetch('videos').then(String, error => (error as Error).name))
  t.equal(refused, 'TypeError', 'requests of the API get no page')
  server.set('up')
  await page.getByRole('heading', { name: 'Harbour' }).waitFor()
  server.set('proxy')
  await page.reload()
  await cannotBeReached(page).waitFor()
  server.set('up')
  await page.getByRole('button', { name: 'Try now' }).click()
  await page.getByRole('heading', { name: 'Harbour' }).waitFor()
})

t.test('a newer version of the server is shown at once, also after a moment without a server', async t => {
  const server = await startReplaceable(service.url)
  t.teardown(() => server.close())
  const { page } = await openWithWorker(server.url)
  await harbour(page).waitFor()
  t.equal(await versionOf(page), 'one')
  server.replace('two')
  await page.reload()
  t.equal(await versionOf(page), 'two', 'the first load is not stale')
  await until(async () => (await storedVersion(page)) === 'two')
  server.set('down')
  await page.reload()
  await cannotBeReached(page).waitFor()
  t.equal(await versionOf(page), 'two')
  server.replace('three')
  server.set('up')
  await harbour(page).waitFor()
  t.equal(await versionOf(page), 'three')
  await until(async () => (await storedVersion(page)) === 'three')
})

t.test('a tab of an older version whose code is gone loads the new version', async t => {
  const server = await startReplaceable(service.url)
  t.teardown(() => server.close())
  const { page } = await openWithWorker(server.url)
  await harbour(page).waitFor()
  server.replace('two', /^\/assets\/watch-/)
  await harbour(page).click()
  await page.getByRole('heading', { name: 'This view did not load' }).waitFor()
  server.replace('two')
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.getByRole('heading', { name: 'Harbour' }).waitFor()
  t.equal(await versionOf(page), 'two')
})

t.test('only views pass through the service worker', async t => {
  const { page, complaints } = await openWithWorker(service.url)
  await harbour(page).waitFor()
  const passed: string[] = []
  const seen = new Set<string>()
  page.context().on('response', response => {
    const request = response.request()
    const { pathname } = new URL(request.url())
    const [, first = ''] = pathname.split('/')
    seen.add(request.headers()['range'] === undefined ? `${request.method()} ${first}` : 'range')
    if (response.fromServiceWorker() && !request.isNavigationRequest()) passed.push(pathname)
    if (request.serviceWorker() && pathname !== '/') passed.push(`by the worker: ${pathname}`)
  })
  await page.reload()
  await harbour(page).waitFor()
  await upload(page, { name: 'quay.mp4', mimeType: 'video/mp4', buffer: await readFile(film) })
  await rowOf(page, 'quay.mp4').getByText('Ready').waitFor()
  await harbour(page).click()
  await until(() => page.evaluate(() => (document.querySelector('video')?.readyState ?? 0) > 0))
  t.same(passed, [])
  for (const each of ['GET videos', 'POST uploads', 'PATCH uploads', 'range'])
    t.ok(seen.has(each), `${each} was seen`)
  const download = await page.context().newPage()
  const started = download.waitForEvent('download')
  await download.goto(`${service.url}/videos/${id}/source?download=1`).catch(() => {})
  t.ok((await readFile(await (await started).path())).equals(await readFile(film)), basename(film))
  t.same(passed, [])
  t.same(complaints, [])
})

t.test('the session is that of the browser, and nothing of it is stored', async t => {
  const { service: guarded, keys } = await startGuarded(
    { SPEECH_ENGINE: 'off' },
    { alice: { owner: 'alice', scopes: ['read', 'write'] } },
  )
  t.teardown(() => guarded.stop())
  const { page } = await openWithWorker(guarded.url)
  const signIn = page.getByRole('dialog', { name: 'Sign in' })
  await page.getByLabel('API key or token').fill(keys.alice.authorization.replace('Bearer ', ''))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'No videos yet' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'No videos yet' }).waitFor()
  t.equal(await signIn.count(), 0)
  const stored = await page.evaluate(async () => {
    const names = await caches.keys()
    const all = await Promise.all(names.map(async name => (await caches.open(name)).keys()))
    return all.flat().map(({ url }) => new URL(url).pathname)
  })
  t.same(stored, ['/offline'])
  await page.context().clearCookies()
  await page.reload()
  await signIn.waitFor()
})
