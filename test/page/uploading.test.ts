import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { bigClip } from '../support/clips.ts'
import { type Fault, startFaultyProxy } from '../support/faulty-proxy.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { getJson, sha256, type VideoView } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { tabTo } from './keyboard.ts'
import { faults, openServicePage } from './service-page.ts'

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
const expected = sha256(await readFile(path))

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

/** Waits until the server has saved a part and the page shows it. This does not disturb the running request. */
async function partlySent(page: Page, upload: string): Promise<void> {
  await until(async () => (await offsetOf(upload)) > 0)
  await until(async () => Number.parseInt((await page.locator('.tab-badge').textContent())!, 10) > 0)
}

/** Uploads the chosen file over a slow network, until a part is sent. @returns the URL of the upload. */
async function startSlowUpload(page: Page): Promise<string> {
  changeNetwork(SLOW)
  const uploading = nextUpload(page)
  await page.getByRole('button', { name: /^Upload 1 file/ }).click()
  const upload = await uploading
  await partlySent(page, upload)
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
  const { page, complaints } = await openServicePage(browser, `${proxy.url}/upload`)
  t.teardown(() => page.context().close())
  await page.locator('.uppy-Dashboard-AddFiles').waitFor()
  t.same(await faults(page, 'upload'), [])
  t.same(await unseenInHighContrast(page, 'upload'), [])
  await page
    .locator('.uppy-Dashboard-input')
    .first()
    .setInputFiles({
      name: 'Harbour_tour.mp4',
      mimeType: 'video/mp4',
      buffer: await readFile(path),
    })
  await page.getByRole('button', { name: /^Edit title and description/ }).click()
  const field = (name: string) => page.getByRole('textbox', { name })
  t.equal(await field('Title').inputValue(), 'Harbour tour', 'the file name is the default title')
  await field('Description').fill('By boat.')
  await field('Tags').fill('sea, summer')
  t.same(await faults(page, 'upload-details'), [])
  t.same(await unseenInHighContrast(page, 'upload-details'), [])
  await page.getByRole('button', { name: 'Save changes' }).click()
  const upload = await startSlowUpload(page)
  t.same(await faults(page, 'uploading'), [])
  t.same(await unseenInHighContrast(page, 'uploading'), [])
  await page.getByRole('link', { name: 'Library' }).click()
  await uploadCards(page).getByText('in this tab').waitFor()
  t.equal(await page.getByRole('link', { name: 'Harbour tour' }).count(), 1, 'the library shows it once')
  await page.getByRole('link', { name: 'Harbour tour' }).click()
  await page.getByText(/^Uploading: /).waitFor()

  const offsets = offsetsOf(page)
  await service.kill()
  await page.getByText('The server cannot be reached.').waitFor()
  await page.getByText('Waiting', { exact: true }).waitFor()
  await page.getByText(/^Paused/).waitFor()
  t.same(await faults(page, 'upload-lost'), [])
  t.same(await unseenInHighContrast(page, 'upload-lost'), [])
  changeNetwork({ kind: 'none' })
  service = await startService({ env: { DATA_DIR: service.dataDir } })
  await page.locator('.uppy-StatusBar.is-complete').waitFor()
  t.ok(
    offsets.some(offset => offset > 0),
    `the upload resumes where it stopped: ${offsets}`,
  )
  t.same(await faults(page, 'uploaded'), [])
  t.same(await unseenInHighContrast(page, 'uploaded'), [])
  t.match(await checkedVideo(upload), {
    title: 'Harbour tour',
    description: 'By boat.',
    tags: ['sea', 'summer'],
    sha256: expected,
  })
  await page.getByRole('list', { name: 'Uploaded' }).getByRole('link', { name: 'Watch' }).click()
  await page.getByRole('heading', { name: 'Harbour tour' }).waitFor()
  t.same(
    complaints.filter(text => !/tus|net::|\[Uppy\]/.test(text)),
    [],
  )
})

t.test('an upload whose tab was closed resumes when the file is chosen again', async t => {
  const { page } = await openServicePage(browser, `${proxy.url}/upload`)
  const context = page.context()
  t.teardown(() => context.close())
  await page.locator('.uppy-Dashboard-input').first().setInputFiles(path)
  const upload = await startSlowUpload(page)
  changeNetwork({ kind: 'cut', after: 0 })
  await page.close({ runBeforeUnload: false })
  changeNetwork({ kind: 'none' })

  const again = await context.newPage()
  const offsets = offsetsOf(again)
  await again.goto(`${proxy.url}/upload`)
  await again.locator('.uppy-Dashboard-Item').waitFor()
  t.same(await faults(again, 'upload-restored'), [])
  await again.getByRole('button', { name: 'Choose again' }).click()
  await again.locator('.uppy-Dashboard-AddFilesPanel .uppy-Dashboard-input').first().setInputFiles(path)
  await again
    .getByRole('button', { name: /^(Upload|Resume)/ })
    .first()
    .click()
  await again.locator('.uppy-StatusBar.is-complete').waitFor()
  t.ok(offsets.length > 0 && offsets[0]! > 0, `the upload resumes where it stopped: ${offsets}`)
  t.equal((await checkedVideo(upload)).sha256, expected)
  const { items } = await getJson<{ items: VideoView[] }>(`${service.url}/videos`)
  t.equal(items.length, 2, 'it becomes one video')
})

t.test('an upload shows that its connection is lost, for each cause, and resumes automatically', async t => {
  const { page } = await openServicePage(browser, `${proxy.url}/upload`)
  const context = page.context()
  t.teardown(() => context.close())
  await page.locator('.uppy-Dashboard-input').first().setInputFiles(path)
  const upload = await startSlowUpload(page)
  const lost = page.locator('.connection-lost')
  const resumes = async () => {
    await lost.waitFor({ state: 'detached' })
    const offset = await until(() => offsetOf(upload))
    await until(async () => (await offsetOf(upload)) > offset)
  }

  await context.setOffline(true)
  await lost.getByText('You are offline. The upload resumes automatically').waitFor()
  // Other views show it too.
  await page.getByRole('link', { name: 'Library' }).click()
  await page.locator('.tab-badge').getByText('Waiting').waitFor()
  await page.getByRole('link', { name: /^Upload/ }).click()
  await context.setOffline(false)
  await resumes()

  // Connections are accepted, but get no response.
  changeNetwork({ kind: 'stall', after: 0, pause: 600_000 })
  await lost.getByText('The server cannot be reached.').waitFor()
  changeNetwork(SLOW)
  await lost.getByRole('button', { name: 'Try now' }).click()
  await resumes()

  await page.route('**/{health,uploads}/**', route => route.fulfill({ status: 502, body: 'Bad gateway' }))
  proxy.cut()
  await lost.getByText('The server is not running at the moment.').waitFor()
  changeNetwork({ kind: 'none' })
  await page.unroute('**/{health,uploads}/**')
  await page.locator('.uppy-StatusBar.is-complete').waitFor()
  t.equal((await checkedVideo(upload)).sha256, expected)
})

t.test('the library shows uploads from other devices; they become videos and can be cancelled', async t => {
  const file = new Uint8Array(await readFile(path))
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
