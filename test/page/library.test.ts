import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip, textFile } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo, type VideoPageView, type VideoView } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { focusedName, tabTo } from './keyboard.ts'
import { faults, measured, pagesOf } from './service-page.ts'
import { putTwoLines } from './two-lines.ts'

const [service, browser] = await Promise.all([
  startService({ env: { SPEECH_ENGINE: 'off' } }),
  startBrowser(),
])
t.teardown(() => Promise.all([service.stop(), browser.close()]))
const { url } = service
const film = await clip({ size: '320x180' })
const sound = await clip({ container: 'm4a', video: false })

/** The newest is first in the library. */
const VIDEOS = [
  ['Autumn', film, 'season'],
  ['Beach', film, 'sea,travel'],
  ['Choir', sound, 'music'],
  ['ميناء قديم', film, 'sea'],
  ['Not a film', await textFile(), ''],
] as const
const ids = new Map<string, string>()
for (const [title, path, tags] of VIDEOS) ids.set(title, (await postVideo(url, path, { title, tags })).id)
for (const id of ids.values()) await endedVideo(url, id)
await putTwoLines(url, ids.get('Beach')!)

const open = pagesOf(t, browser, url)
const titles = (page: Page) => page.locator('.card-title').allInnerTexts()
const shows = (page: Page, ...wanted: string[]) =>
  until(async () => JSON.stringify(await titles(page)) === JSON.stringify(wanted))
const counts = (page: Page, text: string) => page.locator('.count').filter({ hasText: text }).waitFor()
const ALL = ['ميناء قديم', 'Choir', 'Beach', 'Autumn']
const video = (title: string) => getJson<VideoView>(`${url}/videos/${ids.get(title)}`)

t.test('filters are chosen by keyboard, combine, and are in the address', async t => {
  const { page, complaints } = await open()
  await shows(page, ...ALL)
  await counts(page, '4 videos')
  t.equal((await measured(page)).shift, 0, 'nothing jumps while the library loads')
  t.same(await faults(page, 'library-cards'), [])
  t.same(await unseenInHighContrast(page, 'library-cards'), [])

  await tabTo(page, /^Tag$/)
  await page.keyboard.press('Enter')
  await until(async () => (await focusedName(page)) === 'Find a tag')
  await page.keyboard.type('SE')
  await page.getByRole('button', { name: 'season' }).waitFor()
  t.same(await faults(page, 'library-tags'), [])
  t.same(await unseenInHighContrast(page, 'library-tags'), [])
  await page.keyboard.press('ArrowDown')
  t.equal(await focusedName(page), 'sea', 'the most frequent tag is first')
  await page.keyboard.press('Enter')
  await shows(page, 'ميناء قديم', 'Beach')
  await counts(page, '2 videos')
  t.equal(await focusedName(page), 'Tag: sea', 'the focus stays')

  await tabTo(page, /^Date$/)
  await page.keyboard.press('Enter')
  await until(async () => (await focusedName(page)) === 'Today')
  t.same(await faults(page, 'library-dates'), [])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await until(() => page.url() === `${url}/?tag=sea&since=week`)
  await shows(page, 'ميناء قديم', 'Beach')
  await page.getByLabel('Sort').selectOption('title')
  await shows(page, 'Beach', 'ميناء قديم')
  t.same(await faults(page, 'library-filtered'), [])
  t.same(await unseenInHighContrast(page, 'library-filtered'), [])

  await page.keyboard.press('/')
  await page.keyboard.type('tide')
  await page.getByRole('link', { name: '0:00 The tide comes in.' }).waitFor()
  t.equal(page.url(), `${url}/?q=tide&tag=sea&since=week&sort=title`)
  await page.goBack()
  await shows(page, 'Beach', 'ميناء قديم')
  await page.goBack()
  await page.goBack()
  t.equal(page.url(), `${url}/?tag=sea`)
  await page.goForward()
  t.equal(page.url(), `${url}/?tag=sea&since=week`)
  await tabTo(page, /^Remove the filter sea$/)
  await page.keyboard.press('Enter')
  await shows(page, ...ALL)
  t.equal(await focusedName(page), 'Tag')

  // As the address of a link, with a day in the user's time zone and values that mean nothing.
  await page.goto(`${url}/?from=2020-01-01&to=2020-02-31&status=odd&sort=odd`)
  await shows(page, ...ALL)
  await page.goto(`${url}/?from=2020-01-01&to=2020-02-28`)
  await page.getByRole('heading', { name: 'No video matches these filters' }).waitFor()
  await page.getByRole('link', { name: 'Without the filters 4' }).click()
  await shows(page, ...ALL)
  t.same(complaints, [])
})

t.test('cards are reached, opened, selected, tagged and deleted by keyboard', async t => {
  const { page, complaints } = await open()
  await shows(page, ...ALL)
  const keys = async (...names: string[]) => {
    for (const name of names) await page.keyboard.press(name)
  }
  await tabTo(page, /^ميناء قديم$/)
  await keys('ArrowRight', 'ArrowRight')
  t.equal(await focusedName(page), 'Beach')
  await keys('End')
  t.equal(await focusedName(page), 'Autumn')
  await keys('Home', 'ArrowLeft')
  t.equal(await focusedName(page), 'ميناء قديم', 'there is none before the first')
  await keys('End', 'Tab')
  t.equal(await focusedName(page), 'Select Autumn', 'the grid is one stop')
  await keys('Tab')
  t.equal(await focusedName(page), 'Actions for Autumn')
  await keys('Enter')
  await until(async () => (await focusedName(page)) === 'Open')
  t.same(await faults(page, 'library-menu'), [])
  t.same(await unseenInHighContrast(page, 'library-menu'), [])
  await keys('ArrowDown', 'ArrowDown', 'Enter')
  await page.getByText('Link copied.').waitFor()
  t.equal(await page.evaluate(() => navigator.clipboard.readText()), `${url}/watch/${ids.get('Autumn')}`)
  t.equal(await focusedName(page), 'Actions for Autumn')
  await keys('Enter')
  await keys('Escape')
  await until(async () => (await focusedName(page)) === 'Actions for Autumn')

  await keys('Shift+Tab', 'Shift+Tab', 'x', 'ArrowLeft', 'x')
  await counts(page, '2 selected')
  t.same(await faults(page, 'library-selected'), [])
  t.same(await unseenInHighContrast(page, 'library-selected'), [])
  await page.getByRole('button', { name: 'Tag', exact: true }).focus()
  await keys('Enter')
  await page.getByRole('dialog', { name: 'Tags of 2 videos' }).waitFor()
  await page.keyboard.type('new, old')
  t.same(await faults(page, 'library-tagging'), [])
  await page.getByLabel('season').focus()
  await keys('Space', 'Enter')
  await page.getByText('Tags of 2 videos changed.').waitFor()
  t.same((await video('Autumn')).tags, ['new', 'old'])
  t.same((await video('Beach')).tags, ['sea', 'travel', 'new', 'old'])

  await page.getByRole('link', { name: 'Beach' }).focus()
  await keys('Delete')
  await page.getByText('2 videos moved to the bin.').waitFor()
  await shows(page, 'ميناء قديم', 'Choir')
  await counts(page, '2 videos')
  await until(async () => (await focusedName(page)) === 'Choir')
  t.equal((await fetch(`${url}/videos/${ids.get('Beach')}`)).status, 404)
  await tabTo(page, /^Undo$/)
  await keys('Enter')
  await shows(page, ...ALL)
  t.equal((await video('Beach')).title, 'Beach')

  await page.getByRole('link', { name: 'Choir' }).focus()
  await keys('Delete')
  await page.getByText('“Choir” moved to the bin.').waitFor()
  await until(async () => (await focusedName(page)) === 'Beach')
  await page.getByRole('button', { name: 'Undo' }).first().click()
  await shows(page, ...ALL)
  await page.getByRole('link', { name: 'Choir' }).focus()
  await keys('Enter')
  await page.getByRole('heading', { name: 'Choir' }).waitFor()
  t.same(complaints, [])
})

t.test('a failed video says why, and can be tried again or deleted', async t => {
  const { page, complaints } = await open()
  const section = page.getByRole('region', { name: 'Needs attention' })
  await section.getByText((await video('Not a film')).error!.message).waitFor()
  t.notOk((await titles(page)).includes('Not a film'))
  await tabTo(page, /^Try again: Not a film$/)
  await page.keyboard.press('Enter')
  await until(async () => (await endedVideo(url, ids.get('Not a film')!)).steps[0]!.attempts > 0)
  await section.getByText('can be read').waitFor()
  await page.goto(`${url}/?status=attention`)
  await counts(page, '1 video')
  t.same(await faults(page, 'library-attention'), [])
  t.same(await unseenInHighContrast(page, 'library-attention'), [])
  await page.clock.install()
  await tabTo(page, /^Delete Not a film$/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Nothing needs attention' }).waitFor()
  await tabTo(page, /^Undo$/)
  await page.clock.runFor(60_000)
  t.equal(await focusedName(page), 'Undo', 'a message stays while it has the focus')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Delete Not a film' }).waitFor()
  t.same(complaints, [])
})

t.test('a search is used by keyboard alone, and helps if it finds nothing', async t => {
  const { page, complaints } = await open()
  await shows(page, ...ALL)
  await page.keyboard.press('/')
  await page.keyboard.type('beach or tide')
  const title = page.getByRole('link', { name: 'Beach' })
  await title.waitFor()
  t.equal(await title.locator('mark').innerText(), 'Beach')
  await page.locator('.moment .frame').waitFor()
  t.same(await faults(page, 'search-moments'), [])
  t.same(await unseenInHighContrast(page, 'search-moments'), [])
  await page.keyboard.press('ArrowDown')
  t.equal(await focusedName(page), 'Beach')
  await page.keyboard.press('ArrowUp')
  t.equal(await focusedName(page), 'Search titles and transcripts')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  t.equal(await focusedName(page), '0:00The tide comes in.')
  await page.keyboard.press('Enter')
  await until(() => page.url().includes(`/watch/${ids.get('Beach')}?`))
  t.equal(new URL(page.url()).searchParams.get('t'), '0')
  await page.goBack()
  await title.waitFor()
  await tabTo(page, /^Clear the search$/)
  await page.keyboard.press('Enter')
  await shows(page, ...ALL)
  t.equal(await focusedName(page), 'Search titles and transcripts')

  await page.keyboard.type('Beahc')
  await page.getByRole('heading', { name: 'Nothing found for “Beahc”' }).waitFor()
  const similar = page.getByRole('link', { name: 'Words that begin with “Bea…” 1' })
  await similar.waitFor()
  t.same(await faults(page, 'search-nothing'), [])
  await similar.click()
  await title.waitFor()
  t.equal((await getJson<VideoPageView>(`${url}/videos?q=beach&tag=music&count=true`)).count!.videos, 0)
  await page.goto(`${url}/?q=beach&tag=music`)
  await page.getByRole('link', { name: 'Without the filters 1' }).click()
  await title.waitFor()
  t.same(complaints, [])
})
