import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { until } from '../support/until.ts'
import { postVideo } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { faults, openServicePage } from './service-page.ts'

const speech = await startSpeechServer()
t.teardown(() => speech.stop())

/** Requests for transcripts wait for this. */
let released = Promise.withResolvers<void>()
const held = createServer(async (incoming, response) => {
  await released.promise
  const { method, headers, url } = incoming
  const outgoing = request(new URL(url!, speech.baseUrl), { method, headers }, received => {
    response.writeHead(received.statusCode!, received.headers)
    received.pipe(response)
  })
  outgoing.on('error', () => response.destroy())
  incoming.pipe(outgoing)
})
await new Promise<void>(resolve => held.listen(0, '127.0.0.1', resolve))
const { pathname } = new URL(speech.baseUrl)
const baseUrl = `http://127.0.0.1:${(held.address() as AddressInfo).port}${pathname}`
const [service, browser, spoken] = await Promise.all([
  startService({ env: { OPENAI_BASE_URL: baseUrl } }),
  startBrowser(),
  clip({ words: [{ word: 'apple', start: 0.5 }], seconds: 3, size: '320x180', faststart: true }),
])
t.teardown(async () => {
  released.resolve()
  await Promise.all([service.stop(), browser.close()])
  held.closeAllConnections()
  held.close()
})

const ask = (page: Page) => page.getByRole('button', { name: 'Notify me' })
const shown = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready
    return (await registration.getNotifications()).map(({ title, body }) => `${title}: ${body}`)
  })

t.test('a notification tells that the transcript is ready, and leads to the video', async t => {
  const { id } = await postVideo(service.url, spoken, { title: 'Market day' })
  const { page, complaints } = await openServicePage(browser, `${service.url}/watch/${id}`, {
    serviceWorkers: 'allow',
    permissions: ['notifications'],
  })
  t.teardown(() => page.context().close())
  await ask(page).click()
  await page.getByText('As long as Longtake is open in a tab, you are notified.').waitFor()
  t.equal(await ask(page).getAttribute('aria-pressed'), 'true')
  t.same(await faults(page, 'notify'), [])
  t.same(await unseenInHighContrast(page, 'notify'), [])
  // It is remembered, and shown also in another view.
  await page.goto(service.url)
  await page.getByRole('link', { name: 'Market day', exact: true }).waitFor()
  t.same(await shown(page), [])
  released.resolve()
  await until(async () => (await shown(page)).length > 0)
  t.same(await shown(page), ['Transcript ready: Market day'])
  t.equal(await page.evaluate(() => localStorage.getItem('longtake-notify')), '[]', 'it is told once')

  const [worker] = page.context().serviceWorkers()
  await worker!.evaluate(async () => {
    const { registration } = self as unknown as { registration: ServiceWorkerRegistration }
    const [notification] = await registration.getNotifications()
    const Click = Reflect.get(self, 'NotificationEvent') as new (type: string, init: object) => Event
    self.dispatchEvent(new Click('notificationclick', { notification }))
  })
  await page.getByRole('heading', { name: 'Market day' }).waitFor()
  t.equal(page.url(), `${service.url}/watch/${id}`)
  await until(async () => (await shown(page)).length === 0)
  t.same(complaints, [])
})

t.test('only a click asks for the permission, and a refusal is explained', async t => {
  released = Promise.withResolvers()
  const { id } = await postVideo(service.url, spoken, { title: 'Refused' })
  const { page } = await openServicePage(browser, `${service.url}/watch/${id}`, {
    permissions: [],
    beforeLoad: () => {
      Object.assign(window, { asked: 0 })
      Notification.requestPermission = async () => {
        Object.assign(window, { asked: (window as unknown as { asked: number }).asked + 1 })
        return 'denied'
      }
    },
  })
  t.teardown(() => page.context().close())
  await ask(page).waitFor()
  const asked = () => page.evaluate(() => (window as unknown as { asked: number }).asked)
  t.equal(await asked(), 0)
  await ask(page).click()
  await page.getByText('Notifications of this page are blocked.').waitFor()
  t.equal(await asked(), 1)
  t.equal(await ask(page).getAttribute('aria-pressed'), 'false')
})
