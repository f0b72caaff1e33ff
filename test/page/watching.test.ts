import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip, textFile } from '../support/clips.ts'
import { barriers, openServicePage, screenshots } from '../support/page.ts'
import { startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo } from '../support/video-api.ts'

const speech = await startSpeechServer()
t.teardown(() => speech.stop())
const service = await startService({ env: { OPENAI_BASE_URL: speech.baseUrl } })
t.teardown(() => service.stop())
const browser = await startBrowser()
t.teardown(() => browser.close())

const LINES = [
  { start: 0.5, words: ['apple', 'bread'] },
  { start: 4, words: ['cloud', 'lemon'] },
  { start: 8, words: ['river', 'stone'] },
]
const words = LINES.flatMap(line => line.words.map((word, at) => ({ word, start: line.start + at * 0.45 })))
const spoken = await clip({ words, seconds: 12, size: '640x360' })
const posted = await postVideo(service.url, spoken, { title: 'Market day', description: 'In the old town.' })
const video = await endedVideo(service.url, posted.id)
const watch = `${service.url}/watch/${video.id}`
const textAt = (page: Page, line: number) => page.locator('.line').nth(line)
const timeOf = (page: Page) => page.evaluate(() => document.querySelector('video')!.currentTime)

t.test('from a search to the moment, and along the transcript', async t => {
  const { page, complaints } = await openServicePage(browser, service.url)
  t.teardown(() => page.context().close())
  await page.getByRole('link', { name: 'Market day' }).waitFor()
  t.same(await barriers(page), [])
  await screenshots(page, 'library')
  await page.keyboard.press('/')
  await page.keyboard.type('lemon')
  const found = page.getByRole('list', { name: 'Found for lemon' })
  await found.getByText('Market day').waitFor()
  t.same(await barriers(page), [])
  await screenshots(page, 'search')
  // Its moment where the server tells of moments, else the video.
  const moment = found.locator('.moment')
  await ((await moment.count()) > 0 ? moment.first() : found.getByText('Market day')).click()

  const match = page.getByRole('status').filter({ hasText: '1 of 1' })
  await match.waitFor()
  await textAt(page, 1).getByText('cloud lemon').click()
  await until(async () => Math.abs((await timeOf(page)) - 4) < 2)
  await page.locator('.line[aria-current]').filter({ hasText: 'cloud lemon' }).waitFor()
  await page.getByRole('button', { name: 'Play from 0:08' }).click()
  await page.locator('.line[aria-current]').filter({ hasText: 'river stone' }).waitFor()
  await page.evaluate(() => document.querySelector('video')!.pause())
  const cues = await page.evaluate(() => document.querySelector('video')!.textTracks[0]!.cues?.length)
  t.ok(cues! > 0, 'captions are on')
  t.same(await barriers(page), [])
  await screenshots(page, 'watch')

  await page.getByText('Download').click()
  for (const name of [/Original/, /Audio/, /WebVTT/, /SubRip/, /Plain text/]) {
    const link = (await page.getByRole('link', { name }).getAttribute('href'))!
    t.equal((await fetch(new URL(link, service.url))).status, 200, link)
  }
  await screenshots(page, 'downloads')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Share' }).click()
  await page.getByText('Link copied').waitFor()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  t.match(copied, new RegExp(`^${watch}\\?t=\\d+$`))
  t.same(complaints, [])
})

t.test('an edit of the transcript, undone, saved, and in conflict with another', async t => {
  const mine = await openServicePage(browser, watch)
  const theirs = await openServicePage(browser, watch)
  t.teardown(() => Promise.all([mine.page.context().close(), theirs.page.context().close()]))
  const fill = async (page: Page, to: string, name = /^Text at/) => {
    const line = page.getByRole('textbox', { name })
    await line.fill(to)
    await line.press('Enter')
  }
  const change = async (page: Page, from: string, to: string) => {
    await page.getByRole('button', { name: from }).click()
    await fill(page, to)
  }
  for (const { page } of [mine, theirs]) await page.getByRole('button', { name: 'Edit', exact: true }).click()

  await change(mine.page, 'apple bread', 'Apples and bread.')
  await mine.page.getByRole('button', { name: 'Undo' }).click()
  await mine.page.getByRole('button', { name: 'apple bread' }).waitFor()
  await mine.page.getByRole('button', { name: 'Redo' }).click()
  await mine.page.getByRole('button', { name: 'Apples and bread.' }).waitFor()
  await change(mine.page, 'cloud lemon', 'Clouds, lemons.')
  await screenshots(mine.page, 'edit')
  t.same(await barriers(mine.page), [])
  await change(theirs.page, 'cloud lemon', 'Clowns and lemons.')
  // Enter has gone on to the next line.
  await fill(theirs.page, 'A stone in the river.', /^Text at 8/)

  await mine.page.getByRole('button', { name: 'Save' }).click()
  await mine.page.getByText('Transcript saved.').waitFor()
  await theirs.page.getByRole('button', { name: 'Save' }).click()
  await theirs.page.getByText('Somebody else has saved a change').waitFor()
  const texts = async () => {
    const { segments } = await getJson<{ segments: { text: string }[] }>(
      `${service.url}/videos/${video.id}/transcript`,
    )
    return segments.map(({ text }) => text)
  }
  t.same(
    await texts(),
    ['Apples and bread.', 'Clouds, lemons.', 'river stone'],
    'nothing is overwritten unseen',
  )
  t.same(await barriers(theirs.page), [])
  await screenshots(theirs.page, 'conflict')
  await theirs.page.getByRole('button', { name: 'Theirs Clouds, lemons.' }).click()
  await theirs.page.getByRole('button', { name: 'Save' }).click()
  await theirs.page.getByText('Transcript saved.').waitFor()
  t.same(await texts(), ['Apples and bread.', 'Clouds, lemons.', 'A stone in the river.'])
  await until(() =>
    theirs.page.evaluate(() =>
      [...(document.querySelector('video')!.textTracks[0]!.cues ?? [])].some(cue =>
        (cue as VTTCue).text.includes('stone in the river'),
      ),
    ),
  )
  t.same([...mine.complaints, ...theirs.complaints], [])
})

t.test('everything by the keyboard alone', async t => {
  const { page, complaints } = await openServicePage(browser, service.url)
  t.teardown(() => page.context().close())
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement!
      return element.getAttribute('aria-label') ?? element.textContent!.trim()
    })
  /** Presses Tab until something has the focus. */
  const tabTo = async (name: RegExp) => {
    for (let presses = 0; presses < 60; presses++) {
      if (name.test(await focused())) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`${name} cannot be reached by Tab; the last was ${await focused()}`)
  }
  await page.getByRole('link', { name: 'Market day' }).waitFor()
  await tabTo(/^Market day$/)
  await page.keyboard.press('Enter')
  await page.locator('.line').first().waitFor()
  await tabTo(/^Play from/)
  await page.keyboard.press('ArrowDown')
  t.match(await focused(), 'Play from 0:04')
  await page.keyboard.press('Enter')
  await until(async () => (await timeOf(page)) >= 4)
  await page.keyboard.press('k')
  t.ok(await page.evaluate(() => document.querySelector('video')!.paused))
  const before = await timeOf(page)
  await page.keyboard.press('j')
  await until(async () => (await timeOf(page)) < before)
  await page.keyboard.press('>')
  await until(() => page.evaluate(() => document.querySelector('video')!.playbackRate === 1.25))
  await tabTo(/^Edit details$/)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('Market days')
  await screenshots(page, 'details')
  t.same(await barriers(page), [])
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Market days' }).waitFor()
  t.equal((await getJson(`${service.url}/videos/${video.id}`)).title, 'Market days')
  t.same(complaints, [])
})

t.test('a failed video tells why; a deletion can be undone', async t => {
  const { page, complaints } = await openServicePage(browser, service.url)
  t.teardown(() => page.context().close())
  const broken = await postVideo(service.url, await textFile('mp4'), { title: 'Notes' })
  const failed = await endedVideo(service.url, broken.id)
  await page.goto(`${service.url}/watch/${broken.id}`)
  await page.getByText(failed.error!.message).first().waitFor()
  t.same(await barriers(page), [])
  await screenshots(page, 'failed')
  const remove = page.getByRole('button', { name: 'Delete' })
  await remove.click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await remove.click()
  await page.getByText('“Notes” is deleted.').waitFor()
  await page.getByRole('link', { name: 'Market days' }).waitFor()
  t.equal(await page.getByRole('link', { name: 'Notes', exact: true }).count(), 0)
  await screenshots(page, 'deleted')
  t.equal((await fetch(`${service.url}/videos/${broken.id}`)).status, 200, 'there is time to undo it')
  await until(async () => (await fetch(`${service.url}/videos/${broken.id}`)).status === 404)
  await page.goto(`${service.url}/watch/${broken.id}`)
  await page.getByText('This video is not here').waitFor()
  t.same(complaints, [])
})
