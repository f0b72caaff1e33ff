import { readFile } from 'node:fs/promises'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip } from '../support/clips.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { until } from '../support/until.ts'
import { getJson } from '../support/video-api.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { faults, openServicePage } from './service-page.ts'

t.test('a guest opens a protected link, and its creator sees that and revokes it', async t => {
  const { service, keys } = await startGuarded({}, { alice: { owner: 'alice', scopes: ['read', 'write'] } })
  t.teardown(() => service.stop())
  const { url } = service
  const form = new FormData()
  form.append('title', 'Holiday')
  form.append('video', new Blob([await readFile(await clip({ audio: 'none', seconds: 4 }))]), 'clip.mp4')
  const { id } = await getJson(`${url}/videos`, { method: 'POST', body: form, headers: keys.alice })
  await until(async () => {
    const video = await getJson(`${url}/videos/${id}`, { headers: keys.alice })
    return video.status === 'ready'
  })
  await getJson(`${url}/videos/${id}/transcript`, {
    method: 'PUT',
    headers: { ...keys.alice, 'content-type': 'application/json' },
    body: JSON.stringify({
      segments: [
        { start: 0, end: 1, text: 'An apple.' },
        { start: 2.5, end: 3.5, text: 'A pear.' },
      ],
    }),
  })
  const browser = await startBrowser()
  t.teardown(() => browser.close())
  const { page, complaints } = await openServicePage(browser, `${url}/watch/${id}`)
  await page.getByLabel('API key or token').fill(keys.alice.authorization.replace('Bearer ', ''))
  await page.keyboard.press('Enter')
  const openLinks = async () => {
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByText('Links for guests').click()
    await page.getByRole('button', { name: 'Create guest link' }).waitFor()
  }
  await openLinks()
  await page.getByLabel('Password (optional)').fill('open sesame')
  await page.getByLabel('Expires').selectOption({ label: 'After a week' })
  await page.getByRole('button', { name: 'Create guest link' }).click()
  const link = await page.getByLabel('Guest link', { exact: true }).inputValue()
  t.match(link, /\/s\/[\w-]{32}$/)
  t.match(await page.getByLabel('Embed code', { exact: true }).inputValue(), /^<iframe src="http.*share=/)
  await page.getByText('Not opened yet').waitFor()
  t.same(await faults(page, 'share-links'), [])
  t.same(await unseenInHighContrast(page, 'share-links'), [])
  await page.getByRole('button', { name: 'Copy guest link' }).click()
  t.equal(await page.evaluate(() => navigator.clipboard.readText()), link)

  const guest = await openServicePage(browser, link)
  const password = guest.page.getByLabel('Password')
  await password.fill('wrong')
  await guest.page.keyboard.press('Enter')
  await guest.page.getByRole('alert').getByText('Wrong password').waitFor()
  t.same(await faults(guest.page, 'guest-password'), [])
  await password.fill('open sesame')
  await guest.page.keyboard.press('Enter')
  await guest.page.getByRole('heading', { name: 'Holiday' }).waitFor()
  const video = guest.page.locator('video')
  const time = () => video.evaluate(element => (element as HTMLVideoElement).currentTime)
  await until(() => video.evaluate(element => (element as HTMLVideoElement).readyState >= 2))
  await guest.page.getByRole('button', { name: 'A pear.' }).click()
  await until(async () => (await time()) >= 2.5)
  await guest.page.locator('[aria-current]').getByText('A pear.').waitFor()
  t.same(await faults(guest.page, 'guest-watch'), [])

  await page.keyboard.press('Escape')
  await openLinks()
  await page.getByText('Opened once').waitFor()
  await page.getByRole('button', { name: /^Revoke the link/ }).click()
  await page.getByText('Link revoked.').waitFor()
  await until(async () => (await page.getByRole('button', { name: /^Revoke the link/ }).count()) === 0)
  await guest.page.reload()
  await guest.page.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
  t.same([...complaints, ...guest.complaints], [])
})
