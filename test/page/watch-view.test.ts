import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip, ffmpeg } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo, type TranscriptView } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { focusedName, tabTo } from './keyboard.ts'
import { faults, measured, openServicePage } from './service-page.ts'

const SEGMENTS = [
  { start: 0.5, end: 3, text: 'Good morning everybody.', speaker: 'Speaker 1' },
  { start: 3, end: 5.5, text: 'Today we look at the colour of the harbour.', speaker: 'Speaker 1' },
  { start: 6, end: 8, text: 'Which colour was it before?', speaker: 'Speaker 2' },
  { start: 8.5, end: 11, text: 'Grey, and before that no colour at all.', speaker: 'Speaker 1' },
]

/** A film of 12 s with two chapters, which plays without conversion. */
async function filmWithChapters(): Promise<string> {
  const film = await clip({ seconds: 12, size: '640x360', faststart: true })
  const directory = throwAwayDirectory('chapters')
  const [meta, path] = [join(directory, 'chapters.txt'), join(directory, 'harbour.mp4')]
  const chapter = (start: number, end: number, title: string) =>
    `[CHAPTER]\nTIMEBASE=1/1\nSTART=${start}\nEND=${end}\ntitle=${title}\n`
  await writeFile(meta, `;FFMETADATA1\n${chapter(0, 6, 'Arrival')}${chapter(6, 12, 'Questions')}`)
  await ffmpeg(['-i', film, '-i', meta, '-map_metadata', '1', '-c', 'copy', '-movflags', '+faststart', path])
  return path
}

const [service, browser, film] = await Promise.all([startService(), startBrowser(), filmWithChapters()])
t.teardown(() => Promise.all([service.stop(), browser.close()]))
const { id } = await postVideo(service.url, film, { title: 'Harbour tour', description: 'On a Tuesday.' })
await endedVideo(service.url, id)
const watchUrl = `${service.url}/watch/${id}`
const link = `${service.url}/videos/${id}/transcript`

const transcript = () => getJson<TranscriptView>(link)
const putSegments = (segments: readonly object[]) =>
  getJson(link, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ segments }),
  })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const timeOf = (page: Page) => page.evaluate(() => document.querySelector('video')!.currentTime)
const copied = (page: Page) => page.evaluate(() => navigator.clipboard.readText())
/** Moves without playing, and waits until the player is there. */
const moveTo = (page: Page, seconds: number) =>
  page.evaluate(async to => {
    const media = document.querySelector('video')!
    const arrived = new Promise(resolve => media.addEventListener('seeked', resolve, { once: true }))
    media.currentTime = to
    await arrived
  }, seconds)
const ready = (page: Page) =>
  page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) > 0)
const box = async (page: Page, selector: string) => (await page.locator(selector).boundingBox())!

t.beforeEach(() => putSegments(SEGMENTS))

t.test('the title has Share first, and the panel shows transcript, chapters and details', async t => {
  const { page, complaints } = await openServicePage(browser, watchUrl)
  t.teardown(() => page.context().close())
  await page.getByText('Good morning everybody.').waitFor()
  t.equal(await page.locator('.watch-title .button').first().textContent(), ' Share')
  t.match(await page.locator('.watch-title .button').first().getAttribute('class'), 'primary')
  t.same(await faults(page, 'watch-view'), [])
  t.same(await unseenInHighContrast(page, 'watch-view'), [])

  const [title, stage] = [await box(page, '.watch-title'), await box(page, '.player')]
  t.ok(stage.height <= 0.7 * 800 + 1, 'the player has at most 70 % of the height')
  t.ok(title.y > stage.y + stage.height - 1)

  await page.getByRole('tab', { name: 'Chapters' }).click()
  await page.getByRole('button', { name: /Questions$/ }).click()
  // Stopped within the page, so that it does not run to the end while the test waits for an answer.
  await page.waitForFunction(() => {
    const media = document.querySelector('video')!
    if (media.paused || media.currentTime < 6) return false
    media.pause()
    return true
  })
  await page.locator('.chapter[aria-current]').filter({ hasText: 'Questions' }).waitFor()
  await page.locator('.player-chapter').filter({ hasText: 'Questions' }).waitFor()
  t.same(await faults(page, 'watch-chapters'), [])
  t.same(await unseenInHighContrast(page, 'watch-chapters'), [])

  await page.getByRole('tab', { name: 'Chapters' }).focus()
  await page.keyboard.press('ArrowRight')
  t.equal(await focusedName(page), 'Details')
  const details = page.getByRole('tabpanel', { name: 'Details' })
  await details.getByText('640 × 360').waitFor()
  await details.getByText('h264, aac').waitFor()
  t.same(await faults(page, 'watch-details'), [])
  await page.keyboard.press('ArrowRight')
  t.equal(await focusedName(page), 'Transcript')
  t.ok((await measured(page)).shift < 0.1)
  t.same(complaints, [])
})

t.test('playback continues where it stopped, and the theatre stays', async t => {
  const { page, complaints } = await openServicePage(browser, watchUrl)
  t.teardown(() => page.context().close())
  await ready(page)
  t.equal(await page.getByText('Continues at').count(), 0)
  await moveTo(page, 5.5)
  const before = await box(page, '.player')
  await page.keyboard.press('t')
  await page.locator('.watch.theatre').waitFor()
  t.ok((await box(page, '.player')).width > before.width)
  t.same(await faults(page, 'watch-theatre'), [])
  t.same(await unseenInHighContrast(page, 'watch-theatre'), [])

  await page.reload()
  await page.getByText('Continues at 0:05').waitFor()
  await page.locator('.watch.theatre').waitFor()
  await until(async () => (await timeOf(page)) === 5.5)
  await page.locator('.line[aria-current]').filter({ hasText: 'colour of the harbour' }).waitFor()
  t.same(await faults(page, 'watch-resumed'), [])
  t.same(await unseenInHighContrast(page, 'watch-resumed'), [])
  await tabTo(page, /^Start over$/)
  await page.keyboard.press('Enter')
  await until(async () => (await timeOf(page)) === 0)
  t.equal(await focusedName(page), 'Play')
  t.equal(await page.getByText('Continues at').count(), 0)
  await button(page, 'Theatre mode').click()
  await page.locator('.watch.theatre').waitFor({ state: 'detached' })

  await page.goto(`${watchUrl}?t=8`)
  await until(async () => (await timeOf(page)) === 8)
  t.equal(await page.getByText('Continues at').count(), 0, 'an address with a time begins there')
  await page.goto('about:blank')
  await page.goto(watchUrl)
  await ready(page)
  t.equal(await timeOf(page), 0, 'near the end it begins again')
  t.same(complaints, [])
})

t.test('a line plays, and copies its quote or a link to its moment, with the keyboard alone', async t => {
  const { page, complaints } = await openServicePage(browser, watchUrl)
  t.teardown(() => page.context().close())
  await page.getByText('Good morning everybody.').waitFor()
  await tabTo(page, /^Play from 0:00$/)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  t.equal(await focusedName(page), 'Play from 0:06')
  await page.keyboard.press('Tab')
  t.equal(await focusedName(page), 'More actions at 0:06')
  const choose = async (name: string) => {
    await page.keyboard.press('Enter')
    for (let presses = 0; presses < 6 && (await focusedName(page)) !== name; presses++)
      await page.keyboard.press('ArrowDown')
    t.equal(await focusedName(page), name)
    await page.keyboard.press('Enter')
  }
  await page.keyboard.press('Enter')
  await page.getByRole('menu', { name: 'Actions for 0:06' }).waitFor()
  t.same(await faults(page, 'line-menu'), [])
  t.same(await unseenInHighContrast(page, 'line-menu'), [])
  await page.keyboard.press('Escape')
  await until(async () => (await focusedName(page)) === 'More actions at 0:06')
  await choose('Copy quote')
  await page.getByText('Quote copied.').waitFor()
  t.equal(await copied(page), '“Which colour was it before?” – Speaker 2, Harbour tour, 0:06')
  await until(async () => (await focusedName(page)) === 'More actions at 0:06')
  await choose('Copy link to this moment')
  await page.getByText('Link to the moment copied.').waitFor()
  t.equal(await copied(page), `${watchUrl}?t=6`)
  await until(async () => (await focusedName(page)) === 'More actions at 0:06')
  await choose('Play from here')
  await page.waitForFunction(() => document.querySelector('video')!.currentTime >= 6)
  t.same(complaints, [])
})

t.test('a speaker is renamed in all lines, also while someone else saves, and it can be undone', async t => {
  const { page, complaints } = await openServicePage(browser, watchUrl, {
    // Messages stay, however slow the machine is.
    beforeLoad: () => {
      const { setTimeout } = window
      const keep = (run: () => void, delayMs = 0) => setTimeout(run, delayMs >= 5000 ? 2 ** 30 : delayMs)
      Object.assign(window, { setTimeout: keep })
    },
  })
  t.teardown(() => page.context().close())
  const names = async () => (await transcript()).segments.map(({ speaker }) => speaker)
  await button(page, 'Rename Speaker 1').first().click()
  await page.getByText('Changes all 3 lines of Speaker 1.').waitFor()
  t.same(await faults(page, 'rename-speaker'), [])
  t.same(await unseenInHighContrast(page, 'rename-speaker'), [])
  await putSegments(SEGMENTS.with(3, { ...SEGMENTS[3]!, text: 'Grey.' }))
  await page.keyboard.type('Ann')
  await page.keyboard.press('Enter')
  await page.getByText('“Speaker 1” is now “Ann” in 3 lines.').waitFor()
  await page.getByText('Grey.').waitFor()
  t.same(await names(), ['Ann', 'Ann', 'Speaker 2', 'Ann'])
  await until(async () => (await focusedName(page)) === 'Rename Ann')

  // One line: a name that follows itself is shown once, so its button goes and the line keeps the focus.
  await button(page, 'More actions at 0:06').click()
  await page.getByRole('menuitem', { name: 'Change the speaker' }).click()
  await page.getByRole('dialog', { name: 'Speaker' }).getByRole('button', { name: 'Ann' }).click()
  await page.getByText('“Speaker 2” is now “Ann” in one line.').waitFor()
  t.same(await names(), ['Ann', 'Ann', 'Ann', 'Ann'])
  await button(page, 'Undo').last().click()
  await button(page, 'Rename Speaker 2').waitFor()
  await until(async () => (await names())[2] === 'Speaker 2')
  t.same(complaints, [])
})

t.test('lines are split, joined and given other times, and words are replaced', async t => {
  const { page, complaints } = await openServicePage(browser, watchUrl)
  t.teardown(() => page.context().close())
  const text = page.getByRole('textbox', { name: /^Text at/ })
  const lines = async () => (await transcript()).segments.map(({ start, end, text }) => [start, end, text])

  await button(page, 'More actions at 0:03').click()
  await page.getByRole('menuitem', { name: 'Edit this line' }).click()
  await text.waitFor()
  t.equal(await text.inputValue(), SEGMENTS[1]!.text)
  t.same(await faults(page, 'edit-line'), [])
  t.same(await unseenInHighContrast(page, 'edit-line'), [])

  // Split at the cursor; the second half is open then.
  await text.evaluate((input: HTMLTextAreaElement) => input.setSelectionRange(6, 6))
  await page.keyboard.press('ControlOrMeta+Enter')
  await page.waitForFunction(() => document.querySelector('textarea')?.value.startsWith('we look'))
  t.equal(await page.locator('.editor .line').count(), 5)
  // Backspace at its beginning joins it again.
  await page.keyboard.press('Backspace')
  await page.waitForFunction(() => document.querySelector('textarea')?.value.startsWith('Today we look'))
  t.equal(await page.locator('.editor .line').count(), 4)
  await button(page, 'Join with next').click()
  await page.waitForFunction(() => document.querySelector('textarea')?.value.endsWith('was it before?'))

  // The times: typed, by arrow keys, and from the player.
  await page.getByRole('textbox', { name: 'End' }).fill('0:07.50')
  await page.getByRole('textbox', { name: 'Start' }).press('ArrowUp')
  t.equal(await page.getByRole('textbox', { name: 'Start' }).inputValue(), '0:03.10')
  await moveTo(page, 3.4)
  await button(page, 'Start at the player’s position').click()
  await page.getByRole('combobox', { name: 'Speaker' }).fill('Zoe')
  await page.getByRole('combobox', { name: 'Speaker' }).press('Enter')

  await page.getByLabel('Find in the transcript').fill('colour')
  await page.getByRole('status').filter({ hasText: '1 of 3' }).waitFor()
  await page.getByLabel('Replace with').fill('color')
  t.same(await faults(page, 'replace'), [])
  t.same(await unseenInHighContrast(page, 'replace'), [])
  await button(page, 'Replace').click()
  await page.getByRole('status').filter({ hasText: '1 of 2' }).waitFor()
  await button(page, 'Replace all').click()
  await page.getByRole('status').filter({ hasText: 'No matches' }).waitFor()
  await button(page, 'Undo').first().click()
  await page.getByRole('status').filter({ hasText: '1 of 2' }).waitFor()
  await button(page, 'Redo').click()
  await page.getByRole('status').filter({ hasText: 'No matches' }).waitFor()
  await button(page, 'Save').click()
  await page.getByText('Transcript saved.').waitFor()
  t.same(await lines(), [
    [0.5, 3, 'Good morning everybody.'],
    [3.4, 7.5, 'Today we look at the color of the harbour. Which color was it before?'],
    [8.5, 11, 'Grey, and before that no color at all.'],
  ])
  t.equal((await transcript()).segments[1]!.speaker, 'Zoe')
  await button(page, 'Rename Zoe').waitFor()
  t.same(complaints, [])
})

t.test('an edit of two users who join and rewrite the same lines shows both to choose from', async t => {
  const { page, complaints } = await openServicePage(browser, watchUrl)
  t.teardown(() => page.context().close())
  await button(page, 'Edit').click()
  await page.getByRole('button', { name: /Good morning everybody/ }).click()
  await button(page, 'Join with next').click()
  await putSegments(SEGMENTS.with(1, { ...SEGMENTS[1]!, text: 'Theirs.' }))
  await button(page, 'Save').click()
  await page.getByText('Someone else has saved a change').waitFor()
  t.same(await faults(page, 'join-conflict'), [])
  await page.getByRole('button', { name: 'Theirs Good morning everybody. / Theirs.' }).click()
  await until(async () => (await page.locator('.editor .line').count()) === 4)
  await page.getByRole('button', { name: /^Yours/ }).click()
  await until(async () => (await page.locator('.editor .line').count()) === 3)
  await button(page, 'Save').click()
  await page.getByText('Transcript saved.').waitFor()
  t.same(
    (await transcript()).segments.map(({ text }) => text),
    [`${SEGMENTS[0]!.text} ${SEGMENTS[1]!.text}`, SEGMENTS[2]!.text, SEGMENTS[3]!.text],
  )
  t.same(complaints, [])
})
