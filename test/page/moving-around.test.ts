import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { endedVideo, postVideo } from '../support/video-api.ts'
import { focusedName } from './keyboard.ts'
import { faults, measured, pagesOf } from './service-page.ts'

const [service, browser, film] = await Promise.all([
  startService({ env: { SPEECH_ENGINE: 'off' } }),
  startBrowser(),
  clip({ seconds: 2, size: '320x180', faststart: true }),
])
t.teardown(() => Promise.all([service.stop(), browser.close()]))
const { url } = service
const ids: string[] = []
for (const title of ['Autumn', 'Beach', 'Choir', 'Dunes'])
  ids.push((await postVideo(url, film, { title, tags: 'sea,travel' })).id)
for (const id of ids) await endedVideo(url, id)

const open = pagesOf(t, browser, url)
const card = (page: Page, title: string) => page.getByRole('link', { name: title, exact: true })
const loaded = (page: Page) =>
  until(() => page.evaluate(() => [...document.images].every(({ complete }) => complete)))

t.test('Back returns the focus to the video that was opened', async t => {
  const { page, complaints } = await open()
  await card(page, 'Beach').click()
  await page.getByRole('heading', { name: 'Beach' }).waitFor()
  await until(() => page.evaluate(() => document.activeElement?.tagName === 'MAIN'))
  await page.goBack()
  await until(async () => (await focusedName(page)) === 'Beach')
  await page.keyboard.press('ArrowRight')
  t.equal(await focusedName(page), 'Autumn', 'the arrow keys go on from there')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Autumn' }).waitFor()
  await page.getByRole('link', { name: 'Library', exact: true }).click()
  await card(page, 'Autumn').waitFor()
  await until(() => page.evaluate(() => document.activeElement?.tagName === 'MAIN'))
  t.same(complaints, [])
})

t.test('nothing jumps while the library and a video are loaded, on phones too', async t => {
  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 360, height: 740 },
  ]) {
    const { page } = await open('', { viewport })
    await card(page, 'Dunes').waitFor()
    await loaded(page)
    t.equal((await measured(page)).shift, 0, `library, ${viewport.width} px`)
    // The outline of the view stays until the video is known.
    const { promise, resolve } = Promise.withResolvers<void>()
    await page.route(`**/videos/${ids[0]}`, route => promise.then(() => route.continue()))
    await page.goto(`${url}/watch/${ids[0]}`)
    await page.getByRole('status', { name: 'Loading the video' }).waitFor()
    t.same(await faults(page, 'watch-loading'), [])
    // The checks of the outline have changed the size of the window.
    const before = (await measured(page)).shift
    resolve()
    await page.getByRole('heading', { name: 'Autumn' }).waitFor()
    await until(() => page.evaluate(() => (document.querySelector('video')?.readyState ?? 0) > 0))
    await loaded(page)
    t.equal((await measured(page)).shift - before, 0, `watch, ${viewport.width} px`)
  }
})

t.test('at 200 % zoom everything fits', async t => {
  // 1280 × 800 pixels
  const { page } = await open('', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 })
  for (const path of ['', `watch/${ids[0]}`, 'record', 'bin']) {
    await page.goto(`${url}/${path}`)
    await page.getByRole('heading').first().waitFor()
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    t.ok(wide <= 0, `/${path} is not too wide`)
  }
})

t.test('the filters of a phone are one row that scrolls', async t => {
  const { page } = await open('?tag=travel&since=year&status=ready', {
    viewport: { width: 360, height: 740 },
  })
  await card(page, 'Dunes').waitFor()
  const tops = await page
    .locator('.chip')
    .evaluateAll(chips => chips.map(chip => Math.round(chip.getBoundingClientRect().top)))
  t.equal(tops.length, 3)
  t.equal(new Set(tops).size, 1)
  await page.getByRole('button', { name: 'Remove the filter Last 12 months' }).focus()
  t.ok(
    await page.evaluate(() => {
      const { left, right } = document.activeElement!.getBoundingClientRect()
      return left >= 0 && right <= innerWidth
    }),
    'a filter with the focus is scrolled into view',
  )
  t.same(await faults(page, 'library-filtered'), [])
})
