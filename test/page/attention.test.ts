import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo, type VideoPageView } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { focusedName, tabTo } from './keyboard.ts'
import { faults, pagesOf } from './service-page.ts'

const speech = await startSpeechServer()
const [service, browser, spoken] = await Promise.all([
  startService({ env: { OPENAI_BASE_URL: speech.baseUrl } }),
  startBrowser(),
  clip({ words: [{ word: 'apple', start: 0.5 }], seconds: 3, size: '320x180', faststart: true }),
])
t.teardown(() => Promise.all([service.stop(), speech.stop(), browser.close()]))
const { url } = service
const open = pagesOf(t, browser, url)

/** A video that plays, but whose transcription failed. @returns the server's reason */
async function withoutWords(title: string): Promise<{ id: string; reason: string }> {
  speech.fail({ status: 400 })
  const { id } = await postVideo(url, spoken, { title })
  const { steps } = await endedVideo(url, id)
  return { id, reason: steps.find(({ name }) => name === 'transcribe')!.error!.message }
}

t.test('a video without its transcript needs attention until a new attempt has success', async t => {
  const { id, reason } = await withoutWords('Market day')
  const { items } = await getJson<VideoPageView>(`${url}/videos?needs_attention=true&status=ready`)
  t.same(
    items.map(each => each.id),
    [id],
  )
  const { page, complaints } = await open()
  const section = page.getByRole('region', { name: 'Needs attention' })
  await section.getByText(reason).waitFor()
  await section.getByText('No transcript').waitFor()
  const card = page
    .getByRole('list', { name: 'Videos', exact: true })
    .getByRole('link', { name: 'Market day' })
  t.equal(await card.count(), 1, 'the video can be watched')
  t.same(await faults(page, 'library-step-failed'), [])
  t.same(await unseenInHighContrast(page, 'library-step-failed'), [])
  await page.goto(`${url}/?status=attention`)
  await page.locator('.count').filter({ hasText: '1 video' }).waitFor()
  await page.goBack()
  await tabTo(page, /^Try again: Market day$/)
  await page.keyboard.press('Enter')
  await section.waitFor({ state: 'detached' })
  t.equal(await card.count(), 1)
  await until(async () => (await focusedName(page)) !== '')
  const { steps } = await endedVideo(url, id)
  t.ok(steps.every(({ state }) => state === 'done'))
  t.same((await getJson<VideoPageView>(`${url}/videos?needs_attention=true`)).items, [])
  t.same(complaints, [])
})
