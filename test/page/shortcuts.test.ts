import type { Page } from 'playwright-core'
import t from 'tap'
import { SHORTCUTS } from '../../src/page/shortcuts/table.ts'
import { startBrowser } from '../support/browser.ts'
import { clip } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { endedVideo, postVideo } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { focusedName, tabTo } from './keyboard.ts'
import { faults, pagesOf } from './service-page.ts'
import { putTwoLines } from './two-lines.ts'

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
await putTwoLines(url, id)

const open = pagesOf(t, browser, url)
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

/** The browser itself uses these keys, or their effect is tested elsewhere. */
const isNative = (key: string, title: string) =>
  key === 'Mod+V' || (title !== 'Editing a transcript' && /^(Shift\+)?Enter$|^Escape$/.test(key))

/** Presses the keys of a group. @param prepare puts the focus where they work @returns the keys that nothing uses */
async function unused(
  page: Page,
  title: string,
  prepare: (does: string, key: string) => Promise<void>,
): Promise<string[]> {
  const { shortcuts } = SHORTCUTS.find(group => group.title === title)!
  const found: string[] = []
  for (const { keys, does } of shortcuts)
    for (const key of keys.filter(each => !isNative(each, title))) {
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
  const inPlayer = async (does: string) => {
    if (/full screen/.test(does)) {
      await isFullScreen(page, true)
      await until(() => page.evaluate(() => document.activeElement?.matches('.player')))
      return
    }
    await (/seek bar/.test(does) ? page.getByLabel('Seek') : page.locator('main')).focus()
  }
  t.same(await unused(page, 'Player', inPlayer), [])
  await page.keyboard.press('f')
  await isFullScreen(page, false)
  const inLines = (_does: string, key: string) =>
    lineOf(page, key === 'ArrowUp' ? 1 : 0)
      .getByRole('button')
      .first()
      .focus()
  t.same(await unused(page, 'Transcript', inLines), [])
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.locator('.editor').waitFor()
  t.same(await unused(page, 'Editing a transcript', (does, key) => inEditor(page, does, key)), [])
  t.same(complaints, [])
})

/** Full screen begins and ends some time after the key. During it, nothing but the player can have the focus. */
async function isFullScreen(page: Page, isFull: boolean): Promise<void> {
  await page.waitForFunction(isFull => (document.fullscreenElement !== null) === isFull, isFull)
}

/** Puts the focus and the caret where a key of the editor works. */
async function inEditor(page: Page, does: string, key: string): Promise<void> {
  const text = page.getByRole('textbox', { name: /^Text at/ })
  if ((await text.count()) > 0) {
    await text.press('Escape')
    await text.waitFor({ state: 'detached' })
  }
  if (/Replace with/.test(does)) {
    await page.getByLabel('Find in the transcript').fill('tide')
    return page.getByLabel('Replace with').focus()
  }
  const lines = page.locator('.editor .line-edit')
  if (!/line|text|time/.test(does)) return lines.first().focus()
  await lines.nth(key === 'Backspace' ? 1 : 0).click()
  await text.evaluate((input: HTMLTextAreaElement, key) => {
    const caret = { Backspace: 0, Delete: input.value.length }[key] ?? 4
    input.setSelectionRange(caret, caret)
  }, key)
  if (/time/.test(does)) await page.getByRole('textbox', { name: 'Start' }).focus()
}

t.test('all controls of the transcript editor are reached by Tab', async t => {
  await putTwoLines(url, id)
  const { page, complaints } = await open(`watch/${id}`)
  await lineOf(page, 1).waitFor()
  await tabTo(page, /^Edit$/)
  await page.keyboard.press('Enter')
  await page.locator('.editor').waitFor()
  await until(async () => /The tide comes in\.$/.test(await focusedName(page)))
  await tabBackTo(page, /^Find in the transcript$/)
  await page.keyboard.type('tide')
  await page.getByLabel('Replace with').waitFor()
  await tabBackTo(page, /^Undo$/)
  t.same(await unreached(page, '.editor'), [])
  await tabBackTo(page, /The tide comes in\.$/)
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: /^Text at/ }).waitFor()
  await tabBackTo(page, /^Play from/)
  t.same(await unreached(page, '.line-form'), [])
  t.same(complaints, [])
})

async function tabBackTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; !name.test(await focusedName(page)); presses++) {
    if (presses > 40) throw new Error(`${name} cannot be reached by Shift+Tab`)
    await page.keyboard.press('Shift+Tab')
  }
}

/** Presses Tab until the focus leaves a part of the page. @returns the controls that did not get the focus, apart from the lines, among which arrow keys move */
async function unreached(page: Page, part: string): Promise<string[]> {
  const names = (selector: string) =>
    page
      .locator(part)
      .locator(selector)
      .evaluateAll(found =>
        found
          .filter(each => each.checkVisibility())
          .map(each => each.getAttribute('aria-label') ?? (each.closest('label') ?? each).textContent),
      )
  const missing = new Set(await names('button:not(.line-edit), input, textarea, select'))
  while (missing.size > 0 && (await page.locator(`${part} :focus`).count()) > 0) {
    missing.delete((await names(':focus'))[0] ?? '')
    await page.keyboard.press('Tab')
  }
  return [...missing].map(String)
}

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
