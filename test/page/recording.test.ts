import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { startBrowser } from '../support/browser.ts'
import { decodeAudio } from '../support/decode-audio.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { SAMPLE_RATE } from '../support/tone-words.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, type VideoView } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { focusedName, tabTo } from './keyboard.ts'
import { openRecorder, sent, unsent } from './recorder.ts'
import { faults } from './service-page.ts'

const [service, impatient, browser] = await Promise.all([
  startService(),
  // Closes abandoned recordings soon.
  startService({ env: { UPLOAD_EXPIRY: '6s', SWEEP_INTERVAL: '1' } }),
  startBrowser(),
])
t.teardown(() => Promise.all([service.stop(), impatient.stop(), browser.close()]))

/** Plays the finished recording near its end. */
async function seeksToTheEnd(t: Test, page: Page): Promise<void> {
  const id = new URL(page.url()).pathname.split('/').at(-1)!
  const video = await endedVideo(service.url, id)
  t.equal(video.status, 'ready')
  t.ok(video.duration! > 1, `lasts ${video.duration} s`)
  await page.reload()
  await page.locator('video').waitFor()
  const at = await page.evaluate(async seconds => {
    const element = document.querySelector('video')!
    element.currentTime = seconds
    await new Promise(resolve => element.addEventListener('seeked', resolve, { once: true }))
    return element.readyState >= 2 ? element.currentTime : -1
  }, video.duration! * 0.9)
  t.ok(Math.abs(at - video.duration! * 0.9) < 0.5, `plays at ${at} s`)
}

t.test(
  'a recording is uploaded over a broken network while it is being made, and becomes a video',
  async t => {
    const { page, complaints } = await openRecorder(browser, service)
    t.teardown(() => page.context().close())
    await until(() =>
      page.getByLabel('Preview', { exact: true }).evaluate(video => (video as HTMLVideoElement).videoWidth),
    )
    t.same(await faults(page, 'record'), [])
    t.same(await unseenInHighContrast(page, 'record'), [])

    await page.getByLabel('Title').fill('Stand-up ☀')
    await page.getByRole('button', { name: 'Start recording' }).click()
    await until(async () => (await sent(page)) > 0)
    t.equal(await page.getByRole('timer').count(), 1)
    t.same(await faults(page, 'recording'), [])

    await page.context().setOffline(true)
    await page.getByText(/^\d+ s waiting$/).waitFor()
    await page.getByText('You are offline. Keep recording: everything is stored in this browser').waitFor()
    let before = 0
    // Bytes that were on their way when the network was lost can still arrive. After that, nothing is sent.
    await until(async () => {
      before = await sent(page)
      const recorded = before + (await unsent(page))
      await until(async () => before + (await unsent(page)) > recorded + 30_000)
      return (await sent(page)) === before
    })
    t.same(await faults(page, 'recording-offline'), [])
    t.same(await unseenInHighContrast(page, 'recording-offline'), [])
    await page.context().setOffline(false)
    await until(async () => (await sent(page)) > before + 20_000)

    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('link', { name: 'Watch it' }).click()
    await page.getByRole('heading', { name: 'Stand-up ☀' }).waitFor()
    await seeksToTheEnd(t, page)
    const left = await page.evaluate(async () => {
      const open = indexedDB.open('longtake-recordings')
      await new Promise(resolve => open.addEventListener('success', resolve))
      const request = open.result.transaction('pieces').objectStore('pieces').count()
      await new Promise(resolve => request.addEventListener('success', resolve))
      return request.result
    })
    t.equal(left, 0, 'the browser deletes the chunks that the server has')
    t.same(complaints, [])
  },
)

t.test('the sound of the screen and the microphone are recorded in one track', async t => {
  const { page, complaints } = await openRecorder(browser, service)
  t.teardown(() => page.context().close())
  // Chromium's fake screen and fake microphone both beep at 400 Hz, so this microphone hums at 2,000 Hz instead.
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      const context = new AudioContext()
      // The view asks for the microphone before there is a click.
      addEventListener('click', () => context.resume())
      const hum = new OscillatorNode(context, { frequency: 2000 })
      const destination = context.createMediaStreamDestination()
      hum.connect(new GainNode(context, { gain: 0.2 })).connect(destination)
      hum.start()
      return destination.stream
    }
  })
  await page.reload()
  await page.getByText('Screen', { exact: true }).click()
  await page.getByRole('button', { name: 'Start recording' }).click()
  await until(async () =>
    page.locator('.level-bar').evaluate(bar => new DOMMatrix(getComputedStyle(bar).transform).a > 0.3),
  )
  await until(async () => Number.parseInt((await page.getByRole('timer').textContent())!.slice(2), 10) >= 3)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Saved', { exact: false }).waitFor()
  t.same(await faults(page, 'recorded'), [])
  await page.getByRole('link', { name: 'Watch it' }).click()
  await page.getByRole('heading', { name: /^Screen recording/ }).waitFor()
  const { links, width } = await endedVideo(service.url, new URL(page.url()).pathname.split('/').at(-1)!)
  t.ok(width! > 0, 'there is a picture')
  const source = await fetch(service.url + links['source'])
  const path = join(throwAwayDirectory('recorded'), 'source')
  await writeFile(path, new Uint8Array(await source.arrayBuffer()))
  const pcm = await decodeAudio(path)
  const [beeps, hum, other] = [loudest(pcm, 400), loudest(pcm, 2000), loudest(pcm, 1300)]
  t.ok(beeps > 5 * other, `the sound of the screen is recorded: ${beeps} against ${other}`)
  t.ok(hum > 5 * other, `the microphone is recorded: ${hum} against ${other}`)
  t.same(complaints, [])
})

/** The highest amplitude of a tone within a twentieth of a second (a bin of the discrete Fourier transform). */
function loudest(pcm: Int16Array, frequency: number): number {
  const window = SAMPLE_RATE / 20
  let most = 0
  for (let at = 0; at + window <= pcm.length; at += window) {
    let [real, imaginary] = [0, 0]
    for (const [index, sample] of pcm.subarray(at, at + window).entries()) {
      const angle = (2 * Math.PI * frequency * index) / SAMPLE_RATE
      // The window keeps a loud tone out of the other bins.
      const tapered = sample * Math.sin((Math.PI * index) / window) ** 2
      real += tapered * Math.cos(angle)
      imaginary += tapered * Math.sin(angle)
    }
    most = Math.max(most, Math.hypot(real, imaginary) / window)
  }
  return Math.round(most)
}

t.test('a tab that is closed while it records loses nothing', async t => {
  const { page } = await openRecorder(browser, service)
  const context = page.context()
  t.teardown(() => context.close())
  await page.getByText('Voice').click()
  await page.getByRole('button', { name: 'Start recording' }).click()
  await until(async () => (await sent(page)) > 0)
  await context.setOffline(true)
  await until(async () => (await unsent(page)) > 10_000)
  await page.close({ runBeforeUnload: false })
  await context.setOffline(false)

  const again = await context.newPage()
  await again.goto(`${service.url}/record`)
  await again.getByRole('heading', { name: 'Unfinished recording' }).waitFor()
  t.same(await faults(again, 'unfinished'), [])
  t.same(await unseenInHighContrast(again, 'unfinished'), [])
  await again.getByRole('button', { name: 'Discard' }).click()
  await again.getByRole('button', { name: 'Undo' }).click()
  await again.getByRole('button', { name: 'Finish', exact: true }).click()
  await again.getByRole('heading', { name: /^Voice recording/ }).waitFor()
  await seeksToTheEnd(t, again)
  await again.locator('.waveform .played').first().waitFor({ state: 'attached' })
  t.same(await faults(again, 'watch-sound'), [])
  t.same(await unseenInHighContrast(again, 'watch-sound'), [])
})

t.test('an empty recording is deleted, and a discarded one is also deleted on the server', async t => {
  const { page } = await openRecorder(browser, service)
  const context = page.context()
  t.teardown(() => context.close())
  // A camera without a picture
  await page.getByText('Voice').click()
  await page.evaluate(() => {
    const { mediaDevices } = navigator
    const real = mediaDevices.getUserMedia.bind(mediaDevices)
    mediaDevices.getUserMedia = async constraints =>
      constraints?.video ? document.createElement('canvas').captureStream(0) : real(constraints)
  })
  await page.getByText('Camera', { exact: true }).click()
  await page.getByLabel('Microphone').selectOption('No microphone')
  await page.getByRole('button', { name: 'Start recording' }).click()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Nothing was recorded.').waitFor()
  await page.getByRole('button', { name: 'Record another' }).click()
  const created = page.waitForResponse(
    response => response.request().method() === 'POST' && response.url().endsWith('/recordings'),
  )
  await page.getByText('Voice').click()
  await page.getByRole('button', { name: 'Start recording' }).click()
  const { links } = (await (await created).json()) as { links: { upload: string } }
  const upload = new URL(links.upload, service.url)
  await until(async () => (await sent(page)) > 0)
  await page.close({ runBeforeUnload: false })

  const again = await context.newPage()
  await again.clock.install()
  await again.goto(`${service.url}/record`)
  await again.getByRole('button', { name: 'Discard' }).click()
  await again.clock.fastForward(7500)
  // 423 and 409 mean that the upload is in use.
  const isGone = async () =>
    [404, 410].includes(
      (await fetch(upload, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } })).status,
    )
  await until(isGone)
  await again.reload()
  await again.getByRole('button', { name: 'Start recording' }).waitFor()
  t.equal(await again.getByRole('heading', { name: 'Unfinished recording' }).count(), 0)
})

t.test(
  'an abandoned recording becomes an incomplete video, and a page that returns too late shows it',
  async t => {
    const { url } = impatient
    const { page, complaints } = await openRecorder(browser, impatient)
    const context = page.context()
    t.teardown(() => context.close())
    await page.getByLabel('Title').fill('Left alone')
    await page.getByRole('button', { name: 'Start recording' }).click()
    await until(async () => (await sent(page)) > 20_000)
    await context.setOffline(true)
    // A request in progress may still reach the server. Only bytes that are recorded later certainly do not.
    const underWay = await unsent(page)
    await until(async () => (await unsent(page)) > underWay)
    await page.close({ runBeforeUnload: false })
    const [video] = await until(async () => {
      const { items } = await getJson<{ items: VideoView[] }>(`${url}/videos`)
      return items.length > 0 && items
    })
    t.match(await endedVideo(url, video!.id), {
      title: 'Left alone',
      incomplete: true,
      status: 'ready',
    })

    await context.setOffline(false)
    const again = await context.newPage()
    await again.goto(`${url}/record`)
    await again.getByRole('button', { name: 'Finish', exact: true }).click()
    await again.getByText('It is in the library, without its end.').waitFor()
    await again.getByRole('heading', { name: 'Left alone' }).waitFor()
    await again.goto(`${url}/record`)
    await again.getByRole('button', { name: 'Start recording' }).waitFor()
    t.equal(await again.getByRole('heading', { name: 'Unfinished recording' }).count(), 0)
    t.same(complaints, [])
  },
)

t.test('a recording is created once, even if the responses to its creation are lost', async t => {
  const { page } = await openRecorder(browser, service)
  t.teardown(() => page.context().close())
  const created: string[] = []
  await page.route('**/recordings', async route => {
    const response = await route.fetch()
    created.push(((await response.json()) as { id: string }).id)
    return created.length < 3 ? route.abort() : route.fulfill({ response: response })
  })
  await tabTo(page, /^Start recording$/)
  await page.keyboard.press('Enter')
  await until(async () => (await sent(page)) > 0)
  t.equal(await focusedName(page), 'Recording')
  await tabTo(page, /^Stop$/)
  await page.keyboard.press('Enter')
  await page.getByText('Saved', { exact: false }).waitFor()
  t.equal(await focusedName(page), 'Recording')
  await tabTo(page, /^Watch it$/)
  t.same(new Set(created).size, 1)
})

t.test(
  'a recording that the server has lost is uploaded again if the browser still has all of it',
  async t => {
    const { page } = await openRecorder(browser, service)
    t.teardown(() => page.context().close())
    await page.route('**/uploads/*', route => route.abort())
    const created = page.waitForResponse(response => response.url().endsWith('/recordings'))
    await page.getByText('Voice').click()
    await page.getByRole('button', { name: 'Start recording' }).click()
    const { id } = (await (await created).json()) as { id: string }
    t.equal((await fetch(`${service.url}/recordings/${id}`, { method: 'DELETE' })).status, 204)
    await page.unroute('**/uploads/*')
    await until(async () => (await sent(page)) > 0)
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('link', { name: 'Watch it' }).click()
    await page.getByRole('heading', { name: /^Voice recording/ }).waitFor()
    await seeksToTheEnd(t, page)
  },
)
