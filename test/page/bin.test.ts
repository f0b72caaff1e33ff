import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo } from '../support/video-api.ts'
import { focusedName, tabTo } from './keyboard.ts'
import { faults, openServicePage } from './service-page.ts'

const service = await startService()
t.teardown(() => service.stop())
const { url } = service
const browser = await startBrowser()
t.teardown(() => browser.close())
const path = await clip({ audio: 'none' })
const TITLES = ['A walk to the harbour and back, with everybody', 'Beach', 'Choir', 'Dunes']
const ids: string[] = []
for (const title of TITLES) {
  const { id } = await postVideo(url, path, { title })
  await endedVideo(url, id)
  ids.push(id)
}
const statusOf = async (at: number) => (await fetch(`${url}/videos/${ids[at]}`)).status
const bin = () => getJson<{ videos: number }>(`${url}/videos/bin`)

t.test(
  'deleted videos are listed in the bin, restored and deleted permanently, with the keyboard alone',
  async t => {
    const { page, complaints } = await openServicePage(browser, `${url}/watch/${ids[0]}`)
    t.teardown(() => page.context().close())
    await page.getByRole('heading', { name: TITLES[0]! }).waitFor()
    await tabTo(page, /^More actions$/)
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByText(`“${TITLES[0]}” moved to the bin.`).waitFor()
    t.equal(await statusOf(0), 404, 'the video is deleted at once')
    for (const at of [1, 2]) await fetch(`${url}/videos/${ids[at]}`, { method: 'DELETE' })

    await tabTo(page, /^Bin$/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Bin', exact: true }).waitFor()
    await page.getByText(/3 videos use .*30 days/).waitFor()
    t.equal(await page.getByText('30 days left').count(), 3)
    const pictures = page.locator('.bin-picture img')
    await until(() =>
      pictures.evaluateAll(all => all.every(each => (each as HTMLImageElement).naturalWidth > 0)),
    )
    t.equal(await pictures.count(), 3)
    await until(async () => (await page.title()) === 'Bin – Longtake')
    t.same(await faults(page, 'bin'), [])

    await tabTo(page, /^Restore Choir$/)
    await page.keyboard.press('Enter')
    await page.getByText('“Choir” restored.').waitFor()
    t.equal(await statusOf(2), 200)
    await until(async () => (await focusedName(page)) === 'Restore Beach')
    await tabTo(page, /^Delete permanently: Beach$/)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Permanently delete “Beach”?' }).waitFor()
    t.same(await faults(page, 'bin-confirm'), [])
    await page.keyboard.press('Escape')
    await until(async () => (await focusedName(page)) === 'Delete permanently: Beach')
    t.equal((await bin()).videos, 2, 'Escape keeps the video')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await tabTo(page, /^Delete permanently$/)
    await page.keyboard.press('Enter')
    await page.getByText('“Beach” deleted permanently.').waitFor()
    t.equal((await fetch(`${url}/videos/${ids[1]}/restore`, { method: 'POST' })).status, 404)
    await until(async () => (await focusedName(page)) === `Restore ${TITLES[0]}`)

    await tabTo(page, /^Empty the bin$/)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Permanently delete the video in the bin?' }).waitFor()
    await tabTo(page, /^Delete permanently$/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'The bin is empty' }).waitFor()
    t.equal((await bin()).videos, 0)
    t.same(await faults(page, 'bin-empty'), [])
    await page.getByRole('link', { name: 'Go to the library' }).click()
    await page.getByRole('link', { name: 'Choir' }).waitFor()
    t.equal(await page.getByRole('link', { name: 'Beach' }).count(), 0)
    t.same(complaints, [])
  },
)

t.test('several videos are restored at once', async t => {
  for (const at of [0, 2]) {
    ids[at] = (await postVideo(url, path, { title: `Again ${at}` })).id
    await endedVideo(url, ids[at]!)
    await fetch(`${url}/videos/${ids[at]}`, { method: 'DELETE' })
  }
  const { page, complaints } = await openServicePage(browser, `${url}/bin`)
  t.teardown(() => page.context().close())
  await page.getByRole('checkbox', { name: 'Select Again 2' }).waitFor()
  await tabTo(page, /^Select Again 0$/)
  await page.keyboard.press('Space')
  await page.getByText('1 selected').waitFor()
  await page.getByLabel('1 selected').check()
  await page.getByText('2 selected').waitFor()
  t.same(await faults(page, 'bin-selected'), [])
  await page.getByRole('button', { name: 'Restore the selected' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('2 videos restored.').waitFor()
  await page.getByRole('heading', { name: 'The bin is empty' }).waitFor()
  t.same([await statusOf(0), await statusOf(2)], [200, 200])
  t.same(complaints, [])
})

t.test('restoring a video that someone else has deleted permanently shows a message', async t => {
  await fetch(`${url}/videos/${ids[3]}`, { method: 'DELETE' })
  const { page, complaints } = await openServicePage(browser, `${url}/bin`)
  t.teardown(() => page.context().close())
  const restore = page.getByRole('button', { name: 'Restore Dunes' })
  await restore.waitFor()
  await fetch(`${url}/videos/${ids[3]}?permanent=true`, { method: 'DELETE' })
  await restore.click()
  await page.getByText('The video could not be restored.').waitFor()
  await page.getByRole('heading', { name: 'The bin is empty' }).waitFor()
  t.same(complaints, [])
})
