import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { endedVideo } from '../support/video-api.ts'
import { openRecorder, sent } from './recorder.ts'
import { faults } from './service-page.ts'

const [service, browser] = await Promise.all([startService(), startBrowser()])
t.teardown(() => Promise.all([service.stop(), browser.close()]))

/** Runs in the page. Refuses the devices that the test names, as a browser does if its user has blocked them; the test browser allows all. */
function refuseDevices(): void {
  const { mediaDevices, permissions } = navigator
  const isRefused = (name: string) => (localStorage.getItem('refused') ?? 'camera microphone').includes(name)
  const open = mediaDevices.getUserMedia.bind(mediaDevices)
  const query = permissions.query.bind(permissions)
  mediaDevices.getUserMedia = async (constraints = {}) => {
    const { video, audio } = constraints
    if ((video && isRefused('camera')) || (audio && isRefused('microphone')))
      throw new DOMException('Permission denied', 'NotAllowedError')
    return open(constraints)
  }
  permissions.query = async descriptor =>
    isRefused(descriptor.name) ? ({ state: 'denied' } as PermissionStatus) : query(descriptor)
}

/** Opens the recorder in a browser that refuses all devices. */
async function openRefused() {
  const opened = await openRecorder(browser, service, { beforeLoad: refuseDevices })
  t.teardown(() => opened.page.context().close())
  return opened
}

/** As a user changes it next to the address bar. */
const refuse = (page: Page, names: string) =>
  page.evaluate(names => localStorage.setItem('refused', names), names)

const turnOn = (page: Page) => page.getByRole('button', { name: 'Turn on the camera' })
const preview = (page: Page) => page.getByLabel('Preview', { exact: true })

t.test('a camera that the browser refuses is explained, and works when it is allowed', async t => {
  const { page, complaints } = await openRefused()
  await turnOn(page).click()
  const text =
    'The browser does not allow the use of your camera or microphone. Allow it next to the address bar'
  await page.getByRole('alert').filter({ hasText: text }).waitFor()
  t.same(await faults(page, 'record-refused'), [])
  await page.getByRole('button', { name: 'Start recording' }).click()
  await page.getByRole('alert').filter({ hasText: text }).waitFor()
  t.equal(await page.getByRole('timer').count(), 0)
  await refuse(page, '')
  await turnOn(page).click()
  await preview(page).waitFor()
  t.equal(await page.getByRole('alert').count(), 0)
  t.same(complaints, [])
})

t.test('without the microphone, the user is told to record without sound, and can', async t => {
  const { page, complaints } = await openRefused()
  await refuse(page, 'microphone')
  await turnOn(page).click()
  await page
    .getByText(
      'The browser does not allow the use of your microphone. Allow it next to the address bar, then try again. ' +
        'Or choose “No microphone” to record without sound.',
    )
    .waitFor()
  t.same(await faults(page, 'record-microphone-refused'), [])
  await page.getByLabel('Microphone').selectOption('No microphone')
  await preview(page).waitFor()
  await page.getByRole('button', { name: 'Start recording' }).click()
  await until(async () => (await sent(page)) > 0)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('link', { name: 'Watch it' }).click()
  await page.getByRole('heading', { name: /^Camera recording/ }).waitFor()
  const video = await endedVideo(service.url, new URL(page.url()).pathname.split('/').at(-1)!)
  t.equal(video.audio_codec, null)
  t.ok(video.video_codec)
  t.same(complaints, [])
})
