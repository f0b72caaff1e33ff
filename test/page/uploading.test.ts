import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { bigClip } from '../support/clips.ts'
import { type Fault, startFaultyProxy } from '../support/faulty-proxy.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { getJson, sha256, type VideoView } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { focusedName, tabTo } from './keyboard.ts'
import { faults, openServicePage } from './service-page.ts'
import { upload as chooseFiles, isStored, rowOf, trayOf } from './tray.ts'

const TUS = { 'Tus-Resumable': '1.0.0' }
const SIZE = 12_000_000
/** 100 kB per second: an upload takes two minutes, and the tests interrupt it long before. */
const SLOW: Fault = { kind: 'throttle', bytes: 10_000, pause: 100 }

const [started, browser, path] = await Promise.all([
  startService(),
  startBrowser(),
  bigClip(SIZE, { faststart: true }),
])
let service = started
let network: Fault = { kind: 'none' }
// A proxy, because a browser that ends its own network emulation may send all the rest at once.
const proxy = await startFaultyProxy(
  () => service.url,
  () => network,
)
t.teardown(async () => {
  await Promise.all([proxy.close(), browser.close()])
  await service.stop()
})
const bytes = await readFile(path)
const expected = sha256(bytes)
/** The name of the big file when it is chosen by its path. */
const big = basename(path)

/** Ends all connections. New ones have the given fault. */
function changeNetwork(to: Fault): void {
  network = to
  proxy.cut()
}

/** The offsets at which the page's requests start. */
function offsetsOf(page: Page): number[] {
  const offsets: number[] = []
  page.on('request', request => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']))
  })
  return offsets
}

/** The URL of the page's next upload. */
async function nextUpload(page: Page): Promise<string> {
  const response = await page.waitForResponse(
    each => each.request().method() === 'POST' && each.url().endsWith('/uploads'),
  )
  return new URL(response.headers()['location']!, response.url()).href
}

async function offsetOf(upload: string): Promise<number> {
  const { headers } = await fetch(upload, { method: 'HEAD', headers: TUS })
  return Number(headers.get('upload-offset'))
}

/** Chooses a file over a slow network, and waits until a part is sent. @returns the URL of the upload */
async function startSlowUpload(page: Page, file: Parameters<typeof chooseFiles>[1] = path): Promise<string> {
  changeNetwork(SLOW)
  const uploading = nextUpload(page)
  await chooseFiles(page, file)
  const upload = await uploading
  // This does not disturb the running request.
  await until(async () => (await offsetOf(upload)) > 0)
  return upload
}

const uploadCards = (page: Page) => page.getByRole('region', { name: 'Uploads in progress' })

/** Creates an upload like another device. @param length undefined if it is not known yet */
async function createUpload(title: string, length: number | undefined): Promise<string> {
  const response = await fetch(`${service.url}/uploads`, {
    method: 'POST',
    headers: {
      ...TUS,
      'Upload-Metadata': `title ${Buffer.from(title).toString('base64')}`,
      ...(length === undefined ? { 'Upload-Defer-Length': '1' } : { 'Upload-Length': String(length) }),
    },
  })
  return new URL(response.headers.get('location')!, service.url).href
}

async function sendPart(upload: string, offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const { status } = await fetch(upload, {
    method: 'PATCH',
    headers: {
      ...TUS,
      'Upload-Offset': String(offset),
      'Content-Type': 'application/offset+octet-stream',
    },
    body: bytes,
  })
  if (status !== 204) throw new Error(`PATCH ${upload}: ${status}`)
}

/** The video of an upload, after its file was hashed. */
const checkedVideo = (upload: string) =>
  until(async () => {
    const video = await getJson(`${service.url}/videos/${upload.split('/').at(-1)}`)
    return video.sha256 && video
  })

t.test('an upload resumes automatically after the server was killed and started again', async t => {
  const { page, complaints } = await openServicePage(browser, proxy.url)
  t.teardown(() => page.context().close())
  const upload = await startSlowUpload(page, {
    name: 'Harbour_tour.mp4',
    mimeType: 'video/mp4',
    buffer: bytes,
  })
  const row = rowOf(page, 'Harbour_tour.mp4')
  await row.getByText(/^Uploading, .+\/s, .+ left$/).waitFor()
  await row.locator('img').waitFor()
  t.same(await faults(page, 'uploading'), [])
  t.same(await unseenInHighContrast(page, 'uploading'), [])
  const title = row.getByRole('textbox')
  t.equal(await title.inputValue(), 'Harbour tour', 'the file name is the default title')
  await title.fill('Harbour at dusk')
  await title.press('Enter')
  await uploadCards(page).getByText('in this tab').waitFor()
  await uploadCards(page).getByRole('link', { name: 'Harbour at dusk' }).waitFor()
  t.equal(await uploadCards(page).getByRole('listitem').count(), 1, 'the library shows it once')

  // The tray stays while the view changes. Details can be edited before the upload is complete.
  await row.getByRole('link', { name: 'Watch Harbour at dusk' }).click()
  await page.getByRole('heading', { name: 'This video is being uploaded' }).waitFor()
  await page.getByRole('button', { name: 'Edit details' }).click()
  const field = (name: string) => page.getByRole('dialog').getByRole('textbox', { name })
  await field('Description').fill('By boat.')
  await field('Tags').fill('sea, summer')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('link', { name: 'summer' }).waitFor()
  await row.getByText(/^Uploading/).waitFor()

  const offsets = offsetsOf(page)
  await service.kill()
  await trayOf(page).getByText('The server cannot be reached.').waitFor()
  await row.getByText(/^Waiting for connection\. .+ saved$/).waitFor()
  t.same(await faults(page, 'upload-lost'), [])
  t.same(await unseenInHighContrast(page, 'upload-lost'), [])
  changeNetwork({ kind: 'none' })
  service = await startService({ env: { DATA_DIR: service.dataDir } })
  await row.getByText('Ready').waitFor()
  t.ok(
    offsets.some(offset => offset > 0),
    `the upload resumes where it stopped: ${offsets}`,
  )
  t.same(await faults(page, 'uploaded'), [])
  t.same(await unseenInHighContrast(page, 'uploaded'), [])
  t.match(await checkedVideo(upload), {
    title: 'Harbour at dusk',
    description: 'By boat.',
    tags: ['sea', 'summer'],
    sha256: expected,
  })
  await row.getByRole('button', { name: 'Copy link' }).click()
  await page.getByText('Link copied.').waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  t.equal(link, `${proxy.url}/watch/${upload.split('/').at(-1)}`)
  await row.getByRole('link', { name: 'Watch Harbour at dusk' }).click()
  await page.getByRole('heading', { name: 'Harbour at dusk' }).waitFor()
  await trayOf(page).getByRole('button', { name: 'Close' }).click()
  await trayOf(page).waitFor({ state: 'detached' })
  t.same(
    complaints.filter(text => !/tus|net::|\[Uppy\]/.test(text)),
    [],
  )
})

t.test('an upload whose tab was closed resumes when the file is chosen again', async t => {
  const { page } = await openServicePage(browser, proxy.url)
  const context = page.context()
  t.teardown(() => context.close())
  const upload = await startSlowUpload(page)
  await rowOf(page, big)
    .getByText(/^Uploading, /)
    .waitFor()

  // Two tabs never send the same file.
  const second = await context.newPage()
  await second.goto(proxy.url)
  await uploadCards(second).getByText('from another tab or device').waitFor()
  t.equal(await trayOf(second).count(), 0, 'the queue belongs to the first tab')
  await second.close()

  changeNetwork({ kind: 'cut', after: 0 })
  await page.close({ runBeforeUnload: false })
  changeNetwork({ kind: 'none' })

  const again = await context.newPage()
  const offsets = offsetsOf(again)
  await again.goto(proxy.url)
  const row = rowOf(again, big)
  await row.getByText(/^Interrupted\. .+ saved/).waitFor()
  t.same(await faults(again, 'upload-restored'), [])
  const chooser = again.waitForEvent('filechooser')
  await row.getByRole('button', { name: 'Choose the file again' }).click()
  await (await chooser).setFiles(path)
  await row.getByText('Ready').waitFor()
  t.ok(offsets.length > 0 && offsets[0]! > 0, `the upload resumes where it stopped: ${offsets}`)
  t.equal((await checkedVideo(upload)).sha256, expected)
  const { items } = await getJson<{ items: VideoView[] }>(`${service.url}/videos`)
  t.equal(items.length, 2, 'it becomes one video')
})

t.test('an upload that is complete is not asked for again, even if its tab does not know it', async t => {
  changeNetwork({ kind: 'none' })
  const { page } = await openServicePage(browser, proxy.url)
  t.teardown(() => page.context().close())
  // The page's own bytes do not arrive.
  await page.route('**/uploads/*', route =>
    route.request().method() === 'PATCH' ? undefined : route.continue(),
  )
  const creation = nextUpload(page)
  await chooseFiles(page, path)
  const upload = await creation
  await isStored(page, 'metadata', 'uploadUrl')
  await sendPart(upload, 0, new Uint8Array(bytes))
  page.on('dialog', dialog => void dialog.accept())
  await page.reload()
  await rowOf(page, big).getByText('Ready').waitFor()
})

t.test('an upload shows that its connection is lost, for each cause, and resumes automatically', async t => {
  const { page } = await openServicePage(browser, proxy.url)
  const context = page.context()
  t.teardown(() => context.close())
  const upload = await startSlowUpload(page)
  const lost = page.locator('.tray-problem')
  const row = rowOf(page, big)
  const resumes = async () => {
    await lost.waitFor({ state: 'hidden' })
    const offset = await until(() => offsetOf(upload))
    await until(async () => (await offsetOf(upload)) > offset)
  }

  await context.setOffline(true)
  await lost.getByText('You are offline.').waitFor()
  await row.getByText(/^Waiting for connection/).waitFor()
  // The line above the list shows it too, when the list is hidden.
  await trayOf(page).getByRole('button', { name: 'Hide the list' }).click()
  await trayOf(page).getByRole('heading', { name: 'Waiting for connection' }).waitFor()
  t.same(await faults(page, 'upload-collapsed'), [])
  await trayOf(page).getByRole('button', { name: 'Show the list' }).click()
  await context.setOffline(false)
  await resumes()

  // Connections are accepted, but get no response.
  changeNetwork({ kind: 'stall', after: 0, pause: 600_000 })
  await lost.getByText('The server cannot be reached.').waitFor()
  const tryNow = lost.getByRole('button', { name: 'Try now' })
  await tryNow.waitFor()
  changeNetwork(SLOW)
  // Without waiting for the button: the page also tries by itself, and may be faster.
  await tryNow.evaluateAll(([button]) => (button as HTMLElement | undefined)?.click())
  await resumes()

  await page.route('**/{health,uploads}/**', route => route.fulfill({ status: 502, body: 'Bad gateway' }))
  proxy.cut()
  await lost.getByText('The server is not running at the moment.').waitFor()
  changeNetwork({ kind: 'none' })
  await page.unroute('**/{health,uploads}/**')
  await row.getByText('Ready').waitFor()
  t.equal((await checkedVideo(upload)).sha256, expected)
})

t.test(
  'an upload is paused, resumed and cancelled by keyboard, and a cancelled one comes back by Undo',
  async t => {
    const { page, complaints } = await openServicePage(browser, `${proxy.url}/upload`)
    t.teardown(() => page.context().close())
    // Playwright begins to intercept the file dialog at the first listener, and a key can be faster than that.
    page.on('filechooser', () => {})
    await until(async () => (await focusedName(page)) === 'Choose files')
    t.equal(new URL(page.url()).pathname, '/', 'the address of earlier versions leads to the library')
    await trayOf(page).getByRole('button', { name: 'Choose files' }).waitFor()
    t.same(await faults(page, 'upload-empty'), [])
    changeNetwork(SLOW)
    const uploading = nextUpload(page)
    const chooser = page.waitForEvent('filechooser')
    await page.keyboard.press('Enter')
    await (await chooser).setFiles(path)
    const upload = await uploading
    const row = rowOf(page, big)
    await until(async () => (await offsetOf(upload)) > 0)

    await tabTo(page, /^Pause /)
    await page.keyboard.press('Enter')
    await row.getByText(/^Paused\. .+ saved$/).waitFor()
    t.match(await until(() => focusedName(page)), /^(Resume|Cancel) /, 'the focus stays in the row')
    const paused = await offsetOf(upload)
    await tabTo(page, /^Resume /)
    await page.keyboard.press('Enter')
    await until(async () => (await offsetOf(upload)) > paused)

    await tabTo(page, /^Cancel /)
    await page.keyboard.press('Enter')
    await row.waitFor({ state: 'detached' })
    t.equal(await uploadCards(page).count(), 0, 'no view shows a cancelled upload')
    const cancelled = await offsetOf(upload)
    await tabTo(page, /^Undo$/)
    await page.keyboard.press('Enter')
    await row.waitFor()
    await until(async () => /^Pause |^Cancel /.test(await focusedName(page)))
    await until(async () => (await offsetOf(upload)) > cancelled)

    await row.getByRole('button', { name: /^Cancel / }).click()
    await until(async () =>
      [404, 410].includes((await fetch(upload, { method: 'HEAD', headers: TUS })).status),
    )
    changeNetwork({ kind: 'none' })
    t.same(complaints, [])
  },
)

t.test('the library shows uploads from other devices; they become videos and can be cancelled', async t => {
  const file = new Uint8Array(bytes)
  const quarter = Math.floor(file.length / 4)
  const upload = await createUpload('From my phone', file.length)
  await sendPart(upload, 0, file.subarray(0, quarter))
  const { page, complaints } = await openServicePage(browser, service.url)
  t.teardown(() => page.context().close())
  const cards = uploadCards(page)
  await cards.getByText(/^25% of 12/).waitFor()
  await cards.getByText('from another tab or device').waitFor()
  t.same(await faults(page, 'library-uploading'), [])
  t.same(await unseenInHighContrast(page, 'library-uploading'), [])
  await sendPart(upload, quarter, file.subarray(quarter, 2 * quarter))
  await cards.getByText(/^50% of 12/).waitFor()

  const watching = await page.context().newPage()
  await watching.goto(`${service.url}/watch/${upload.split('/').at(-1)}`)
  await watching.getByRole('heading', { name: 'This video is being uploaded' }).waitFor()
  await watching.getByText('50% of 12').waitFor()
  t.same(await faults(watching, 'watch-uploading'), [])
  t.same(await unseenInHighContrast(watching, 'watch-uploading'), [])
  await page.bringToFront()
  await sendPart(upload, 2 * quarter, file.subarray(2 * quarter))
  await page.getByRole('list', { name: 'Videos' }).getByRole('link', { name: 'From my phone' }).waitFor()
  await cards.waitFor({ state: 'detached' })
  await watching.bringToFront()
  await watching.locator('video').waitFor()

  // The length of a recording in progress is unknown.
  const recording = await createUpload('Stand-up', undefined)
  await sendPart(recording, 0, file.subarray(0, 100_000))
  await page.bringToFront()
  await cards.getByText('100 kB so far').waitFor()
  const cancel = page.getByRole('button', { name: 'Cancel the upload of Stand-up' })
  await cancel.click()
  await cards.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await tabTo(page, /^Cancel the upload of Stand-up$/)
  await page.keyboard.press('Enter')
  await page.getByText('Upload of “Stand-up” cancelled.').waitFor()
  t.equal(
    (await fetch(recording, { method: 'HEAD', headers: TUS })).status,
    200,
    'the upload still exists, because the user can undo',
  )
  // Leaving the page ends the time for undo.
  await page.goto(`${service.url}/status`)
  await until(async () =>
    [404, 410].includes((await fetch(recording, { method: 'HEAD', headers: TUS })).status),
  )
  t.same(complaints, [])
})
