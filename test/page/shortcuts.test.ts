import type { Page } from 'playwright-core'
import t from 'tap'
import { SHORTCUTS } from '../../src/page/shortcuts/table.ts'
import { startBrowser } from '../support/browser.ts'
import { clip } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { endedVideo, postVideo } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { focusedName, tabTo } from './keyboard.ts'
import { faults, openServicePage } from './service-page.ts'

const [service, browser, film] = await Promise.all([
  startService(),
  startBrowser(),
  clip({ seconds: 2, size: '320x180' }),
])
t.teardown(() => Promise.all([service.stop(), browser.close()]))
const { url } = service
for (const title of ['Autumn', 'Beach', 'Choir']) await postVideo(url, film, { title })
const { id } = await postVideo(url, film, { title: 'Dunes' })
await endedVideo(url, id)
await fetch(`${url}/videos/${id}/transcript`, {
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    segments: [
      { start: 0, end: 0.5, text: 'The tide comes in.' },
      { start: 1, end: 1.5, text: 'The harbour is full.' },
    ],
  }),
})

const open = async (path = '') => {
  const opened = await openServicePage(browser, `${url}/${path}`)
  t.teardown(() => opened.page.context().close())
  return opened
}
const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Keyboard shortcuts' })
const cardOf = (page: Page, title: string) => page.getByRole('link', { name: title, exact: true })
const lineOf = (page: Page, at: number) => page.locator('.line').nth(at)

/** Presses a key. @returns whether a view has used it */
async function isUsed(page: Page, key: string): Promise<boolean> {
  await page.evaluate(() => {
    const stop = new AbortController()
    const used = new Promise(resolve =>
      addEventListener(
        'keydown',
        event => {
          if (['Shift', 'Control'].includes(event.key)) return
          stop.abort()
          setTimeout(() => resolve(event.defaultPrevented))
        },
        { capture: true, signal: stop.signal },
      ),
    )
    Object.assign(window, { used })
  })
  await page.keyboard.press(key.replace('Mod', 'Control'))
  return page.evaluate(() => (window as unknown as { used: Promise<boolean> }).used)
}

/** The browser itself uses these keys, and other tests press them. */
const isNative = (key: string) => /Enter$|^Escape$|^Mod\+V$/.test(key)

/** Presses the keys of a group. @param prepare puts the focus where they work @returns the keys that nothing uses */
async function unused(
  page: Page,
  title: string,
  prepare: (does: string, key: string) => Promise<void>,
): Promise<string[]> {
  const { shortcuts } = SHORTCUTS.find(group => group.title === title)!
  const found: string[] = []
  for (const { keys, does } of shortcuts)
    for (const key of keys.filter(each => !isNative(each))) {
      await prepare(does, key)
      if (!(await isUsed(page, key))) found.push(`${key}: ${does}`)
    }
  return found
}

t.test('? lists the keys, those of the current view first', async t => {
  const { page, complaints } = await open()
  await cardOf(page, 'Dunes').focus()
  await page.keyboard.press('?')
  await dialogOf(page).waitFor()
  t.equal(await dialogOf(page).getByRole('heading', { level: 3 }).nth(1).innerText(), 'Library')
  t.same(await faults(page, 'shortcuts'), [])
  t.same(await unseenInHighContrast(page, 'shortcuts'), [])
  await page.keyboard.press('Escape')
  await dialogOf(page).waitFor({ state: 'detached' })
  t.equal(await focusedName(page), 'Dunes', 'the focus is where it was')
  await page.getByLabel('Search titles and transcripts').fill('a')
  await page.keyboard.press('?')
  t.equal(await page.getByLabel('Search titles and transcripts').inputValue(), 'a?')
  t.equal(await dialogOf(page).count(), 0, 'a text field takes the key')
  await page.setViewportSize({ width: 360, height: 740 })
  t.notOk(await page.getByRole('button', { name: 'Keyboard shortcuts' }).isVisible(), 'not on phones')
  t.same(complaints, [])
})

t.test('each key of the list does something in its view', async t => {
  const { page, complaints } = await open()
  await cardOf(page, 'Dunes').waitFor()
  const inLibrary = async (does: string) => {
    if (/search/i.test(does)) await page.getByLabel('Search titles and transcripts').focus()
    else await page.locator('.card-title[tabindex="0"]').focus()
    if (does === 'Search') await page.locator('.card-title[tabindex="0"]').focus()
  }
  t.same(await unused(page, 'Library', inLibrary), [])
  await page.goto(`${url}/watch/${id}`)
  await lineOf(page, 1).waitFor()
  t.same(await unused(page, 'Player', () => page.locator('main').focus()), [])
  if (await page.evaluate(() => document.fullscreenElement !== null)) await page.keyboard.press('f')
  const inLines = (_does: string, key: string) =>
    lineOf(page, key === 'ArrowUp' ? 1 : 0)
      .getByRole('button')
      .first()
      .focus()
  t.same(await unused(page, 'Transcript', inLines), [])
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.locator('.editor').waitFor()
  const inEditor = () => page.locator('.editor .line button').first().focus()
  t.same(await unused(page, 'Editing a transcript', inEditor), [])
  t.same(complaints, [])
})

t.test('shortcuts of one sign can be turned off, and stay off', async t => {
  const { page } = await open()
  await cardOf(page, 'Dunes').waitFor()
  await tabTo(page, /^Keyboard shortcuts$/)
  await page.keyboard.press('Enter')
  await dialogOf(page).getByRole('checkbox').uncheck()
  await dialogOf(page).getByRole('button', { name: 'Close' }).click()
  await dialogOf(page).waitFor({ state: 'detached' })
  await page.reload()
  await page.locator('.card-title[tabindex="0"]').focus()
  for (const key of ['?', '/', 'x', 'X']) await page.keyboard.press(key)
  for (const key of ['ArrowRight', 'Home']) t.ok(await isUsed(page, key), key)
  t.equal(await focusedName(page), 'Dunes', '/ has not moved the focus to the search')
  t.equal(await page.getByRole('checkbox', { checked: true }).count(), 0, 'x has selected nothing')
  t.equal(await dialogOf(page).count(), 0, '? has opened nothing')
  const search = page.getByLabel('Search titles and transcripts')
  await search.focus()
  await page.keyboard.type('x/k')
  t.equal(await search.inputValue(), 'x/k')
})
