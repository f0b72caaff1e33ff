import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Page, Request } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip } from '../support/clips.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { startService } from '../support/service.ts'
import { getJson, type VideoView } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { faults, measured, openServicePage } from './service-page.ts'
import { giveFiles, isStored, rowOf, trayOf, upload } from './tray.ts'

const MAX_BYTES = 300_000
const FILE_COUNT = 200

const [service, browser, path] = await Promise.all([
  startService({ env: { MAX_UPLOAD_SIZE: String(MAX_BYTES) } }),
  startBrowser(),
  clip({ seconds: 2 }),
])
t.teardown(async () => {
  await browser.close()
  await service.stop()
})
const bytes = await readFile(path)

/** The elements of the tray that have moved by themselves. */
function movedInTray(page: Page): Promise<string[]> {
  interface Shift extends PerformanceEntry {
    readonly hadRecentInput: boolean
    readonly sources: readonly { readonly node: Node | null }[]
  }
  return page.evaluate(
    () =>
      new Promise(resolve => {
        const shifts: Shift[] = []
        new PerformanceObserver(list => shifts.push(...(list.getEntries() as Shift[]))).observe({
          type: 'layout-shift',
          buffered: true,
        })
        // Entries of the past arrive in the next task.
        setTimeout(() => {
          resolve(
            shifts
              .filter(({ hadRecentInput }) => !hadRecentInput)
              .flatMap(({ sources }) => sources.map(({ node }) => node as Element | null))
              .filter(node => node?.closest?.('.tray'))
              .map(node => node!.outerHTML.slice(0, 200)),
          )
        }, 100)
      }),
  )
}

const video = (name: string) => ({ name, type: 'video/mp4', bytes })

t.test('files are dropped or pasted anywhere; the others are refused by their name', async t => {
  const { page, complaints } = await openServicePage(browser, service.url)
  t.teardown(() => page.context().close())
  await page.getByRole('heading', { name: 'No videos yet' }).waitFor()
  await giveFiles(page, 'paste', [{ name: 'notes.txt', type: 'text/plain', bytes: Buffer.from('a') }])
  await page.getByText('“notes.txt” is neither video nor audio.').waitFor()
  t.equal(await trayOf(page).count(), 0)
  await giveFiles(page, 'drop', [
    video('تسجيل طويل للاجتماع الأسبوعي.mp4'),
    video(`${'A very long name of a recording of the weekly meeting '.repeat(3)}.mp4`),
    { name: 'empty.mp4', type: 'video/mp4', bytes: Buffer.alloc(0) },
    { name: 'large.mov', type: 'video/quicktime', bytes: Buffer.alloc(MAX_BYTES + 1, 1) },
    { name: 'broken.mp4', type: 'video/mp4', bytes: Buffer.alloc(1000, 1) },
  ])
  await page.getByText('“empty.mp4” is empty.').waitFor()
  const large = rowOf(page, 'large.mov')
  await large.getByText(/^Not uploaded\. .+ longer than allowed/).waitFor()
  t.equal(await large.getByRole('button', { name: 'Try large again' }).count(), 1)
  await rowOf(page, 'broken.mp4')
    .getByText(/^Uploaded, but cannot be played\. .+/)
    .waitFor()
  await rowOf(page, 'تسجيل طويل للاجتماع الأسبوعي.mp4').getByText('Ready').waitFor()
  t.same(await movedInTray(page), [], 'nothing in the tray moves')
  t.same(await faults(page, 'upload-states'), [])
  t.same(await unseenInHighContrast(page, 'upload-states'), [])
  t.same(
    complaints.filter(text => !/tus|\[Uppy\]/.test(text)),
    [],
  )
})

t.test('small files continue by themselves after a reload', async t => {
  const { page } = await openServicePage(browser, service.url)
  t.teardown(() => page.context().close())
  await page.route('**/uploads/*', route =>
    route.request().method() === 'PATCH' ? undefined : route.continue(),
  )
  await upload(page, path)
  await rowOf(page, basename(path))
    .getByText(/^Uploading/)
    .waitFor()
  await isStored(page, 'metadata', basename(path))
  await isStored(page, 'files', '"id"')
  page.on('dialog', dialog => void dialog.accept())
  // Before the reload: the new page may send at once, and a request that is held now would be held for ever.
  await page.unroute('**/uploads/*')
  await page.reload()
  await rowOf(page, basename(path)).getByText('Ready').waitFor()
})

t.test('an upload that begins before the sign-in waits for it; one without the right says so', async t => {
  const { service: guarded, keys } = await startGuarded(
    {},
    {
      alice: { owner: 'alice', scopes: ['read', 'write'] },
      reader: { owner: 'alice', scopes: ['read'] },
    },
  )
  t.teardown(() => guarded.stop())
  const { page } = await openServicePage(browser, guarded.url)
  t.teardown(() => page.context().close())
  const signIn = async (key: { authorization: string }) => {
    await page.getByLabel('API key or token').fill(key.authorization.replace('Bearer ', ''))
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  await signIn(keys.alice)
  await page.getByRole('heading', { name: 'No videos yet' }).waitFor()
  // The session ends while the tab is open.
  await page.context().clearCookies()
  await giveFiles(page, 'drop', [video('late.mp4')])
  await signIn(keys.alice)
  await rowOf(page, 'late.mp4').getByText('Ready').waitFor()
  const { items } = await getJson<{ items: VideoView[] }>(`${guarded.url}/videos`, { headers: keys.alice })
  t.equal(items.length, 1)

  await page.context().clearCookies()
  await giveFiles(page, 'drop', [video('refused.mp4')])
  await signIn(keys.reader)
  await rowOf(page, 'refused.mp4').getByText('Not uploaded. Your key or token does not allow this.').waitFor()
})

t.test('hundreds of files', async t => {
  const { page } = await openServicePage(browser, service.url)
  t.teardown(() => page.context().close())
  let running = 0
  let most = 0
  page.on('request', request => {
    if (request.method() === 'PATCH' && request.url().includes('/uploads/')) most = Math.max(most, ++running)
  })
  const ended = (request: Request) => {
    if (request.method() === 'PATCH' && request.url().includes('/uploads/')) running--
  }
  page.on('requestfinished', ended)
  page.on('requestfailed', ended)
  const names = Array.from({ length: FILE_COUNT }, (_, at) => `clip-${at}.mp4`)
  let open = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  await page.route('**/uploads', route => opened.then(() => route.continue()))
  const tiny = Buffer.alloc(500, 1)
  await giveFiles(
    page,
    'drop',
    names.map(name => ({ name, type: 'video/mp4', bytes: tiny })),
  )
  await rowOf(page, 'clip-0.mp4').waitFor()
  // A title that is changed before its turn is sent with the upload.
  const rows = trayOf(page).getByRole('list', { name: 'Files' })
  await rows.hover()
  await rows.evaluate(list => {
    list.scrollTop = list.scrollHeight
  })
  await rowOf(page, `clip-${FILE_COUNT - 1}.mp4`)
    .getByText('Waiting for its turn')
    .waitFor()
  await rows.evaluate(list => {
    list.scrollTop = list.scrollHeight / 10
  })
  const later = rowOf(page, `clip-${FILE_COUNT / 10 + 1}.mp4`)
  const creation = page.waitForRequest(
    each =>
      each.method() === 'POST' &&
      (each.headers()['upload-metadata'] ?? '').includes(Buffer.from('A later one').toString('base64')),
  )
  await later.getByRole('textbox').fill('A later one')
  await later.getByRole('textbox').press('Enter')
  t.ok((await rows.getByRole('listitem').count()) < 40, 'only the visible rows are in the document')
  t.same(await faults(page, 'upload-many'), [])
  open()
  await creation
  await later.getByText(/^Processing|^Uploaded, but/).waitFor()
  t.ok(most <= 3, `at most three uploads at the same time: ${most}`)
  t.comment(`the longest task took ${(await measured(page)).longest} ms`)
})
