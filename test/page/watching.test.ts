import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page, Route } from 'playwright-core'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip, textFile } from '../support/clips.ts'
import { mediaClip } from '../support/media-clips.ts'
import { startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo, type VideoView } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { focusedName, tabTo } from './keyboard.ts'
import { faults, measured, openServicePage } from './service-page.ts'

const LINES = [
  { start: 0.5, words: ['apple', 'bread'] },
  { start: 4, words: ['cloud', 'lemon'] },
  { start: 8, words: ['river', 'stone'] },
]
const words = LINES.flatMap(line => line.words.map((word, at) => ({ word, start: line.start + at * 0.45 })))

const speech = await startSpeechServer()
t.teardown(() => speech.stop())
const [service, browser, spoken] = await Promise.all([
  startService({ env: { OPENAI_BASE_URL: speech.baseUrl } }),
  startBrowser(),
  // It plays without conversion.
  clip({ words, seconds: 12, size: '640x360', faststart: true }),
])
t.teardown(() => Promise.all([service.stop(), browser.close()]))
let video: VideoView

const watchOf = ({ id }: { id: string }) => `${service.url}/watch/${id}`
const textAt = (page: Page, line: number) => page.locator('.line').nth(line)
const timeOf = (page: Page) => page.evaluate(() => document.querySelector('video')!.currentTime)
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

t.test('an empty library explains what to do, and so does one that cannot be reached', async t => {
  const { page, complaints } = await openServicePage(browser, service.url)
  t.teardown(() => page.context().close())
  await page.getByRole('heading', { name: 'No videos yet' }).waitFor()
  t.same(await faults(page, 'empty'), [])
  await page.route('**/videos?*', route => route.abort())
  await page.reload()
  await page.getByRole('heading', { name: 'could not be loaded' }).waitFor()
  t.same(await faults(page, 'unreachable'), [])
  await page.unroute('**/videos?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { name: 'No videos yet' }).waitFor()
  t.same(complaints, [])
})

t.test('a failed step shows the reason, and the result of a retry appears without a reload', async t => {
  speech.fail({ status: 400 })
  const posted = await postVideo(service.url, spoken, {
    title: 'Market day',
    description: 'In the old town.',
  })
  const failed = await endedVideo(service.url, posted.id)
  const { error } = failed.steps.find(({ name }) => name === 'transcribe')!
  const { page, complaints } = await openServicePage(browser, watchOf(posted))
  t.teardown(() => page.context().close())
  await page.getByRole('region', { name: 'Processing' }).getByText(error!.message).waitFor()
  t.same(await faults(page, 'step-failed'), [])
  t.same(await unseenInHighContrast(page, 'step-failed'), [])
  await page.getByRole('region', { name: 'Processing' }).getByRole('button', { name: 'Try again' }).click()
  await textAt(page, 1).getByText('cloud lemon').waitFor()
  await page.getByRole('region', { name: 'Processing' }).waitFor({ state: 'detached' })
  video = await endedVideo(service.url, posted.id)
  t.same(complaints, [])
})

t.test('a search result leads to the moment in the video, and the transcript follows playback', async t => {
  const { page, complaints } = await openServicePage(browser, service.url)
  t.teardown(() => page.context().close())
  await page.getByRole('link', { name: 'Market day' }).waitFor()
  await until(() => page.evaluate(() => document.querySelector('img')!.complete))
  t.ok((await measured(page)).shift < 0.1, 'the library does not jump while it loads')
  t.same(await faults(page, 'library'), [])
  t.same(await unseenInHighContrast(page, 'library'), [])
  await page.keyboard.press('/')
  await page.keyboard.type('lemon')
  const found = page.getByRole('list', { name: 'Results for lemon' })
  const moment = found.getByRole('link', { name: '0:04 cloud lemon' })
  await moment.waitFor()
  t.same(await faults(page, 'search'), [])
  t.same(await unseenInHighContrast(page, 'search'), [])
  await moment.click()

  await page.getByRole('status').filter({ hasText: '1 of 1' }).waitFor()
  // It plays from the moment. Stopped within the page, so that it does not run on while the test waits for an answer.
  await page.waitForFunction(() => {
    const media = document.querySelector('video')
    if (!media || media.paused || media.currentTime < 4) return false
    media.pause()
    return true
  })
  t.ok((await timeOf(page)) < 6, 'not from a later moment')
  await page.locator('.line[aria-current]').filter({ hasText: 'cloud lemon' }).waitFor()
  await page.getByRole('button', { name: 'Play from 0:08' }).click()
  await page.locator('.line[aria-current]').filter({ hasText: 'river stone' }).waitFor()
  await page.evaluate(() => document.querySelector('video')!.pause())
  // Captions are shown by default.
  await until(() => page.evaluate(() => document.querySelector('video')!.textTracks[0]!.cues?.length))
  t.same(await faults(page, 'watch'), [])
  t.same(await unseenInHighContrast(page, 'watch'), [])

  await page.locator('.seek').hover()
  const sheet = await page
    .locator('.seek-thumbnail')
    .evaluate(element => getComputedStyle(element).backgroundImage.slice(5, -2))
  t.match((await fetch(sheet)).headers.get('content-type'), 'image/jpeg', 'the preview is a picture')

  await page.getByText('Download').click()
  for (const name of [/Original/, /Audio/, /WebVTT/, /SubRip/, /Plain text/]) {
    const link = (await page.getByRole('link', { name }).getAttribute('href'))!
    t.equal((await fetch(new URL(link, service.url))).status, 200, link)
  }
  t.same(await faults(page, 'downloads'), [])
  t.same(await unseenInHighContrast(page, 'downloads'), [])
  await page.keyboard.press('Escape')
  await button(page, 'Share').click()
  await page.keyboard.press('Escape')
  t.equal(await page.evaluate(() => document.activeElement!.textContent!.trim()), 'Share')
  await button(page, 'Share').click()
  t.same(await faults(page, 'share'), [])
  t.same(await unseenInHighContrast(page, 'share'), [])
  await page.getByLabel('Start at').check()
  await button(page, 'Copy link').click()
  await page.getByText('Link copied').waitFor()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  t.match(copied, new RegExp(`^${watchOf(video)}\\?t=\\d+$`))
  await page.goto(copied)
  await until(async () => (await timeOf(page)) >= 8)
  t.ok((await measured(page)).shift < 0.1, 'the view of a video does not jump while it loads')
  t.same(complaints, [])
})

t.test(
  'an edit of the transcript can be undone, saved, merged with a conflicting edit, and reverted',
  async t => {
    const mine = await openServicePage(browser, watchOf(video))
    const theirs = await openServicePage(browser, watchOf(video))
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
    for (const { page } of [mine, theirs]) await button(page, 'Edit').click()

    await change(mine.page, 'apple bread', 'Apples and bread.')
    await button(mine.page, 'Undo').click()
    await mine.page.getByRole('button', { name: 'apple bread' }).waitFor()
    await button(mine.page, 'Redo').click()
    await mine.page.getByRole('button', { name: 'Apples and bread.' }).waitFor()
    await change(mine.page, 'cloud lemon', 'Clouds, lemons.')
    t.same(await faults(mine.page, 'edit'), [])
    t.same(await unseenInHighContrast(mine.page, 'edit'), [])
    await change(theirs.page, 'cloud lemon', 'Clowns and lemons.')
    // Enter has opened the next line.
    await fill(theirs.page, 'A stone in the river.', /^Text at 8/)

    await button(mine.page, 'Save').click()
    await mine.page.getByText('Transcript saved.').waitFor()
    await button(theirs.page, 'Save').click()
    await theirs.page.getByText('Someone else has saved a change').waitFor()
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
    t.same(await faults(theirs.page, 'conflict'), [])
    await theirs.page.getByRole('button', { name: 'Theirs Clouds, lemons.' }).click()
    await button(theirs.page, 'Save').click()
    await theirs.page.getByText('Transcript saved.').waitFor()
    t.same(await texts(), ['Apples and bread.', 'Clouds, lemons.', 'A stone in the river.'])
    const captioned = (text: string) =>
      until(() =>
        theirs.page.evaluate(
          text =>
            [...(document.querySelector('video')!.textTracks[0]!.cues ?? [])].some(cue =>
              (cue as VTTCue).text.includes(text),
            ),
          text,
        ),
      )
    await captioned('stone in the river')

    await button(mine.page, 'Earlier versions').click()
    await mine.page.getByRole('button', { name: /^Version 1 / }).click()
    await mine.page.getByRole('region', { name: 'Text of version 1' }).getByText('cloud lemon').waitFor()
    t.same(await faults(mine.page, 'revisions'), [])
    t.same(await unseenInHighContrast(mine.page, 'revisions'), [])
    const last = { segments: [{ start: 0, end: 3, text: 'Something else.' }] }
    await getJson(`${service.url}/videos/${video.id}/transcript`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(last),
    })
    await button(mine.page, 'Restore').click()
    await mine.page.getByText('Someone else has saved a change').waitFor()
    await button(mine.page, 'Restore').click()
    await mine.page.getByText('Version 1 restored.').waitFor()
    await textAt(mine.page, 1).getByText('cloud lemon').waitFor()
    t.same(await texts(), ['apple bread', 'cloud lemon', 'river stone'])
    t.same([...mine.complaints, ...theirs.complaints], [])
  },
)

t.test('a long transcript is rendered list by list, and playback can start anywhere in it', async t => {
  const segments = Array.from({ length: 500 }, (_, n) => ({
    start: n / 50,
    end: (n + 1) / 50,
    text: `line ${n}`,
  }))
  const link = `${service.url}/videos/${video.id}/transcript`
  await getJson(link, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ segments }),
  })
  const { page, complaints } = await openServicePage(browser, `${watchOf(video)}?t=9&q=line`, {
    // A line lasts 20 ms, so a video that plays would be past any line that the test waits for.
    beforeLoad: () =>
      Object.defineProperty(HTMLMediaElement.prototype, 'autoplay', { get: () => false, set: () => {} }),
  })
  t.teardown(() => page.context().close())
  const spoken = page.locator('.line[aria-current]')
  await spoken.filter({ hasText: /line 45\d/ }).waitFor()
  await page
    .getByRole('status')
    .filter({ hasText: /4\d\d of 500/ })
    .waitFor()
  await until(() =>
    spoken.evaluate(line => {
      const { top, bottom } = line.closest('.lines')!.getBoundingClientRect()
      const box = line.getBoundingClientRect()
      return box.top >= top && box.bottom <= bottom
    }),
  )
  t.equal(await page.locator('.line').count(), 500)
  await page.getByRole('button', { name: 'Play from 0:07' }).last().focus()
  await page.keyboard.press('ArrowDown')
  t.equal(
    await page.evaluate(() => document.activeElement!.closest('.line')!.textContent),
    '0:08line 400',
    'the arrow keys lead from one list to the next',
  )
  await page.getByLabel('Find in the transcript').fill('line 499')
  await page.getByRole('status').filter({ hasText: '1 of 1' }).waitFor()
  await button(page, 'Edit').click()
  await page.getByRole('button', { name: 'line 499' }).click()
  await page.getByRole('textbox', { name: /^Text at/ }).fill('The end.')
  await page.getByRole('textbox', { name: /^Text at/ }).press('Enter')
  await page.getByRole('link', { name: 'Library' }).click()
  await page.getByRole('link', { name: 'Market day' }).waitFor()
  await button(page, 'Go back').click()
  await button(page, 'Discard').click()
  await button(page, 'Undo').click()
  await page.getByRole('button', { name: 'The end.' }).waitFor()
  await button(page, 'Save').click()
  // The editor shows the change before it is saved.
  await page.getByText('Transcript saved.').waitFor()
  await textAt(page, 499).getByText('The end.').waitFor()

  // Saving includes the line that is being edited. Text that is typed during the save is not lost.
  await button(page, 'Edit').click()
  await page.getByRole('button', { name: 'line 497' }).click()
  await page.getByRole('textbox', { name: /^Text at/ }).fill('Open.')
  const saving = Promise.withResolvers<void>()
  await page.route(
    link,
    async route => {
      await saving.promise
      await route.continue()
    },
    { times: 1 },
  )
  await page.getByRole('textbox', { name: /^Text at/ }).press('ControlOrMeta+s')
  await page.getByRole('button', { name: 'Saving…' }).waitFor()
  await page.getByRole('button', { name: 'line 498' }).click()
  await page.getByRole('textbox', { name: /^Text at/ }).fill('Meanwhile.')
  saving.resolve()
  await until(() => button(page, 'Save').isEnabled())
  t.match((await getJson<{ segments: object[] }>(link)).segments.slice(497), [
    { text: 'Open.' },
    { text: 'line 498' },
    { text: 'The end.' },
  ])
  await page.getByRole('button', { name: 'Meanwhile.' }).waitFor()
  await button(page, 'Save').click()
  await textAt(page, 498).getByText('Meanwhile.').waitFor()
  await button(page, 'Edit').waitFor()
  t.match((await getJson<{ segments: object[] }>(link)).segments.slice(497), [
    { text: 'Open.' },
    { text: 'Meanwhile.' },
    { text: 'The end.' },
  ])
  await getJson(`${link}/revisions/1/restore`, { method: 'POST' })
  await page.goto(`${watchOf(video)}?t=Infinity`)
  await textAt(page, 0).waitFor()
  t.same(complaints, [])
})

t.test('everything works with the keyboard alone', async t => {
  const { page, complaints } = await openServicePage(browser, service.url)
  t.teardown(() => page.context().close())
  await page.getByRole('link', { name: 'Market day' }).waitFor()
  await tabTo(page, /^Market day$/)
  await page.keyboard.press('Enter')
  await page.locator('.line').first().waitFor()
  await tabTo(page, /^Play from/)
  await page.keyboard.press('ArrowDown')
  t.match(await focusedName(page), 'Play from 0:04')
  // It must not end before the next key, however slow the machine is.
  await page.evaluate(() => {
    document.querySelector('video')!.loop = true
  })
  await page.keyboard.press('Enter')
  await until(async () => (await timeOf(page)) >= 4)
  await page.keyboard.press('k')
  t.ok(await page.evaluate(() => document.querySelector('video')!.paused))
  const before = await timeOf(page)
  await page.keyboard.press('j')
  await until(async () => (await timeOf(page)) < before)
  await page.keyboard.press('>')
  await until(() => page.evaluate(() => document.querySelector('video')!.playbackRate === 1.25))

  await tabTo(page, /^More actions$/)
  await page.keyboard.press('Enter')
  t.equal(await focusedName(page), 'Edit details')
  const reading = Promise.withResolvers<void>()
  const read = async (route: Route) => {
    await reading.promise
    await route.continue()
  }
  await page.route(`${service.url}/videos/${video.id}`, read, { times: 1 })
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  t.ok(await button(page, 'Save').isDisabled(), 'saving waits until the current version is loaded')
  reading.resolve()
  await until(() => button(page, 'Save').isEnabled())
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('Market days')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('Mine.')
  await page.keyboard.press('Tab')
  await page.keyboard.type('town, winter')
  await page.keyboard.press('Tab')
  await page.keyboard.type('French')
  t.same(await faults(page, 'details'), [])
  const change = (body: object) =>
    getJson(`${service.url}/videos/${video.id}`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  await change({ description: 'Theirs.' })
  await tabTo(page, /^Save$/)
  await page.keyboard.press('Enter')
  await page.getByText('Someone else has saved a change').waitFor()
  t.match(await getJson(`${service.url}/videos/${video.id}`), { title: 'Market day', description: 'Theirs.' })
  t.same(await faults(page, 'details-conflict'), [])
  await tabTo(page, /^Save$/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Market days' }).waitFor()
  t.match(await getJson(`${service.url}/videos/${video.id}`), {
    title: 'Market days',
    description: 'Mine.',
    tags: ['town', 'winter'],
    language: 'fr',
  })
  await tabTo(page, /^winter$/)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Remove the filter winter' }).waitFor()
  await page.getByRole('link', { name: 'Market days' }).waitFor()
  t.equal(new URL(page.url()).search, '?tag=winter')
  t.same(complaints, [])
})

t.test('searching, editing, sharing and deleting work with the keyboard alone', async t => {
  const { page, complaints } = await openServicePage(browser, service.url)
  t.teardown(() => page.context().close())
  const press = async (name: RegExp, key = 'Enter') => {
    await tabTo(page, name)
    await page.keyboard.press(key)
  }
  await page.getByRole('link', { name: 'Market days' }).waitFor()
  // Found by its title, so there is no moment.
  await page.keyboard.press('/')
  await page.keyboard.type('market')
  await page.getByRole('list', { name: 'Results for market' }).waitFor()
  await press(/^Market days$/)
  await page.locator('.line').first().waitFor()
  await press(/^Play$/, 'Space')
  await until(async () => (await timeOf(page)) > 0)
  await press(/^Pause$/, 'Space')

  await press(/^Edit$/)
  await page.getByRole('button', { name: /apple bread$/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('Apples.')
  await page.keyboard.press('ControlOrMeta+S')
  await page.getByText('Transcript saved.').waitFor()
  t.equal(await page.evaluate(() => document.activeElement!.className), 'transcript')

  await press(/^Share$/)
  await press(/^Copy link$/)
  await page.getByText('Link copied').waitFor()
  await until(async () => (await focusedName(page)) === 'Share')
  t.match(await page.evaluate(() => navigator.clipboard.readText()), watchOf(video))

  await press(/^More actions$/)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByText('“Market days” moved to the bin.').waitFor()
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Shift+Tab')
  t.equal(await focusedName(page), 'Undo', 'Shift+Tab leads to Undo')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Market days' }).waitFor()
  t.same(complaints, [])
})

t.test('a failed video shows the reason, and a deletion can be undone', async t => {
  const broken = await postVideo(service.url, await textFile('mp4'), { title: 'Notes' })
  const failed = await endedVideo(service.url, broken.id)
  const { page, complaints } = await openServicePage(browser, watchOf(broken))
  t.teardown(() => page.context().close())
  await page.getByText(failed.error!.message).first().waitFor()
  t.same(await faults(page, 'failed'), [])
  const remove = async () => {
    await button(page, 'More actions').click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
  }
  await remove()
  await until(async () => (await fetch(`${service.url}/videos/${broken.id}`)).status === 404)
  await button(page, 'Undo').click()
  await page.getByRole('heading', { name: 'Notes' }).waitFor()
  t.equal((await fetch(`${service.url}/videos/${broken.id}`)).status, 200, 'the video is restored')
  await remove()
  await page.getByText('“Notes” moved to the bin.').waitFor()
  await page.getByRole('link', { name: 'Market day' }).waitFor()
  t.equal(await page.getByRole('link', { name: 'Notes', exact: true }).count(), 0)
  t.same(await faults(page, 'deleted'), [])
  await page.goto(watchOf(broken))
  await page.getByText('Video not found').waitFor()
  t.same(complaints, [])
})

t.test('notes about a file are shown above its video', async t => {
  const whole = await readFile(await mediaClip('one-fragment.mp4'))
  const path = join(throwAwayDirectory('cut-off'), 'cut-off.mp4')
  await writeFile(path, whole.subarray(0, Math.floor(0.6 * whole.length)))
  const { id } = await postVideo(service.url, path, { title: 'Cut off' })
  const video = await endedVideo(service.url, id)
  t.match(video, { status: 'ready', notes: [{ code: 'ends_early' }] })
  const { page, complaints } = await openServicePage(browser, watchOf(video))
  t.teardown(() => page.context().close())
  for (const { message } of video.notes) await page.getByText(message, { exact: true }).waitFor()
  await page
    .getByText(`This file ends early: it has ${Math.round(10 * video.duration!) / 10} s of `)
    .waitFor()
  t.same(complaints, [])
})
