import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { getJson, type VideoView } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { focusedName, tabTo } from './keyboard.ts'
import { openRecorder, sent } from './recorder.ts'
import { faults } from './service-page.ts'

const [service, browser] = await Promise.all([startService(), startBrowser()])
t.teardown(() => Promise.all([service.stop(), browser.close()]))

const press = (page: Page, key: string) => page.keyboard.press(key)

/** The titles of videos in a list. */
async function titles(query = ''): Promise<string[]> {
  const { items } = await getJson<{ items: VideoView[] }>(`${service.url}/videos${query}`)
  return items.map(({ title }) => title ?? '')
}

/** Whether the camera's white ring is in a lower corner of the preview. */
function hasRing(page: Page, side: 'left' | 'right'): Promise<boolean> {
  return page.getByLabel('Preview', { exact: true }).evaluate((element, side) => {
    const video = element as HTMLVideoElement
    const { videoWidth: width, videoHeight: height } = video
    if (width === 0) return false
    const canvas = new OffscreenCanvas(width, height)
    const context = canvas.getContext('2d')!
    context.drawImage(video, 0, 0)
    const shorter = Math.min(width, height)
    const radius = shorter * 0.13
    const inset = shorter * 0.035 + radius
    // Points of the circle, with their neighbours
    const angles = Array.from({ length: 32 }, (_, at) => (at * Math.PI) / 16)
    const bright = angles.filter(angle => {
      const x = (side === 'right' ? width - inset : inset) + radius * Math.cos(angle)
      const y = height - inset + radius * Math.sin(angle)
      const { data } = context.getImageData(Math.floor(x) - 1, Math.floor(y) - 1, 3, 3)
      return Array.from({ length: 9 }, (_, at) => data.slice(4 * at, 4 * at + 3)).some(pixel =>
        pixel.every(each => each > 180),
      )
    })
    return bright.length > 24
  }, side)
}

t.test(
  'the keyboard alone records the screen with the camera over it, and keeps a take after Restart',
  async t => {
    const { page, complaints } = await openRecorder(browser, service)
    t.teardown(() => page.context().close())
    await tabTo(page, /^Camera$/)
    await press(page, 'ArrowRight')
    await press(page, 'ArrowRight')
    t.equal(await focusedName(page), 'Screen and camera')
    await page.getByLabel('Preview of the camera').waitFor()
    t.same(await faults(page, 'record-both'), [])
    t.same(await unseenInHighContrast(page, 'record-both'), [])
    await tabTo(page, /^Choose what to share$/)
    await press(page, 'Enter')
    await until(() => hasRing(page, 'right'))
    await tabTo(page, /^Move the camera/)
    await press(page, 'Enter')
    await until(() => hasRing(page, 'left'))
    t.same(await faults(page, 'record-shared'), [])

    await tabTo(page, /^Start recording$/)
    await press(page, 'Enter')
    await page.getByText('Recording starts in 3 seconds.').waitFor()
    t.equal(await focusedName(page), 'Countdown')
    await press(page, 'Escape')
    await page.getByRole('button', { name: 'Start recording' }).waitFor()
    await tabTo(page, /^Start recording$/)
    await press(page, 'Enter')
    await tabTo(page, /^Start now$/)
    await press(page, 'Enter')
    await page.getByRole('timer').waitFor()
    t.equal(await focusedName(page), 'Recording')
    await until(async () => /^● 0:\d\d – Record/.test(await page.title()))
    await page.getByText('All saved').waitFor()

    await tabTo(page, /^Mute the microphone$/)
    await press(page, 'Enter')
    await page.getByRole('button', { name: 'Mute the microphone', pressed: true }).waitFor()
    t.same(await faults(page, 'recording-both'), [])
    t.same(await unseenInHighContrast(page, 'recording-both'), [])
    await tabTo(page, /^Move the camera/)
    await press(page, 'Tab')
    await page.keyboard.type('Demo')
    await press(page, 'Enter')
    await until(async () => (await titles('?status=uploading')).includes('Demo'))

    await tabTo(page, /^Restart$/)
    await press(page, 'Enter')
    await page.getByText(/^Take of 0:\d\d discarded\.$/).waitFor()
    await tabTo(page, /^Keep it$/)
    await press(page, 'Enter')
    await page.getByText('“Demo” saved.').waitFor()
    await until(async () => (await sent(page)) > 0)

    await tabTo(page, /^Library$/)
    await press(page, 'Enter')
    await page.getByRole('link', { name: /^Demo/ }).first().waitFor()
    await until(async () => /^● 0:\d\d – /.test(await page.title()))
    t.same(await faults(page, 'recording-in-library'), [])
    await tabTo(page, /^Stop$/)
    await press(page, 'Enter')
    await tabTo(page, /^Watch it$/)
    t.notMatch(await page.title(), /●/)
    await press(page, 'Enter')
    await page.getByRole('heading', { name: 'Demo' }).waitFor()
    t.equal(await page.getByRole('region', { name: 'Recording' }).count(), 0)
    await until(async () => (await titles()).length === 2)
    t.same(await titles(), ['Demo', 'Demo'])
    t.same(complaints, [])
  },
)

/** Runs in the page. A phone: two cameras that say where they look, and pictures that stand upright. */
function beOnAPhone(): void {
  const { mediaDevices } = navigator
  const real = mediaDevices.getUserMedia.bind(mediaDevices)
  const tracks: MediaStreamTrack[] = []
  Object.assign(window, { tracks })
  mediaDevices.getUserMedia = async (constraints = {}) => {
    const { facingMode } = (constraints.video || {}) as { facingMode?: { ideal: string } }
    const stream = await real({
      ...constraints,
      ...(constraints.video && { video: { width: 240, height: 320 } }),
    })
    for (const track of stream.getVideoTracks()) {
      const settings = track.getSettings.bind(track)
      track.getSettings = () => ({ ...settings(), facingMode: facingMode?.ideal ?? 'user' })
    }
    tracks.push(...stream.getTracks())
    return stream
  }
}

/** Runs in the page. Holds the answers of the browser about permissions and devices until `answer` is called. */
function answerLater(): void {
  const held: Record<string, (() => void)[]> = { permissions: [], devices: [] }
  const hold = (what: string) => new Promise<void>(resolve => held[what]!.push(resolve))
  const [query, open] = [
    navigator.permissions.query.bind(navigator.permissions),
    navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices),
  ]
  navigator.permissions.query = async wanted => {
    await hold('permissions')
    return query(wanted)
  }
  navigator.mediaDevices.getUserMedia = async constraints => {
    await hold('devices')
    return open(constraints)
  }
  Object.assign(window, {
    heldOf: (what: string) => held[what]!.length,
    answer: (what: string) => {
      for (const resolve of held[what]!) resolve()
    },
  })
}

interface HoldingWindow extends Window {
  heldOf(what: string): number
  answer(what: string): void
}

t.test('a click on the start counts also while the preview still opens', async t => {
  const { page, complaints } = await openRecorder(browser, service, { beforeLoad: answerLater })
  t.teardown(() => page.context().close())
  const heldOf = (what: string) =>
    page.evaluate(what => (window as unknown as HoldingWindow).heldOf(what), what)
  const answer = (what: string) =>
    page.evaluate(what => (window as unknown as HoldingWindow).answer(what), what)
  await until(async () => (await heldOf('permissions')) === 2)
  await page.getByRole('button', { name: 'Start recording' }).click()
  await until(async () => (await heldOf('devices')) === 1)
  await answer('permissions')
  // The preview has gone on when what it asks in a task of its own is answered.
  await page.evaluate(() => navigator.mediaDevices.enumerateDevices())
  await answer('devices')
  await page.getByRole('region', { name: 'Countdown' }).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  t.same(complaints, [])
})

t.test('a phone turns its camera around, and the camera goes off when the view is left', async t => {
  const { page, complaints } = await openRecorder(browser, service, {
    beforeLoad: beOnAPhone,
    viewport: { width: 360, height: 740 },
    hasTouch: true,
  })
  t.teardown(() => page.context().close())
  const mirrored = page.locator('video.mirrored')
  await mirrored.waitFor()
  await page.getByRole('button', { name: 'Use the back camera' }).click()
  await page.getByRole('button', { name: 'Use the front camera' }).waitFor()
  await mirrored.waitFor({ state: 'detached' })
  await page.locator('.stage.portrait').waitFor()
  t.same(await faults(page, 'record-phone'), [])
  await page.getByRole('button', { name: 'Start recording' }).click()
  await until(async () => (await sent(page)) > 0)
  t.same(await faults(page, 'recording-phone'), [])
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByRole('button', { name: 'Record another' }).click()
  await page.locator('.stage.portrait').waitFor()
  await page.getByRole('link', { name: 'Library' }).click()
  await until(() =>
    page.evaluate(() =>
      (window as unknown as { tracks: MediaStreamTrack[] }).tracks.every(
        ({ readyState }) => readyState === 'ended',
      ),
    ),
  )
  t.same(complaints, [])
})
