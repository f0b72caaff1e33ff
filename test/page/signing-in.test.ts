import { basename } from 'node:path'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip } from '../support/clips.ts'
import { startGuarded } from '../support/guarded-service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { until } from '../support/until.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { faults, openServicePage } from './service-page.ts'
import { rowOf, upload } from './tray.ts'

t.test('a user who has signed in uploads, watches, reads captions and shares', async t => {
  const speech = await startSpeechServer()
  t.teardown(() => speech.stop())
  const { service, keys } = await startGuarded(
    { OPENAI_BASE_URL: speech.baseUrl },
    {
      alice: { owner: 'alice', scopes: ['read', 'write'] },
      reader: { owner: 'alice', scopes: ['read'] },
      root: { owner: 'root', scopes: ['admin'] },
    },
  )
  t.teardown(() => service.stop())
  const browser = await startBrowser()
  t.teardown(() => browser.close())
  const { page, complaints } = await openServicePage(browser, service.url)
  const key = keys.alice.authorization.replace('Bearer ', '')
  const isPlayable = () =>
    page.locator('video').evaluate(video => (video as HTMLVideoElement).readyState >= 2)

  const field = page.getByLabel('API key or token')
  const enter = page.getByRole('button', { name: 'Sign in' })
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await field.fill(`${key.slice(0, -1)}-`)
  await enter.click()
  await page.getByRole('alert').getByText('Invalid or expired').waitFor()
  t.same(await faults(page, 'sign-in'), [])
  t.same(await unseenInHighContrast(page, 'sign-in'), [])
  await field.fill(key)
  await enter.click()
  await page.getByRole('heading', { name: 'No videos yet' }).waitFor()

  const file = await clip({ words: [{ word: 'apple', start: 0.5 }], seconds: 4 })
  await upload(page, file)
  await rowOf(page, basename(file)).getByText('Ready').waitFor()
  await rowOf(page, basename(file)).getByRole('link', { name: 'Watch' }).click()
  await until(isPlayable)
  t.notMatch(await page.locator('video').getAttribute('src'), /signature=/, 'the cookie is enough')
  // Scripts of the page cannot read the credential.
  t.notMatch(
    await page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }])),
    key,
  )
  const [cookie] = await page.context().cookies()
  t.match(cookie, { name: 'longtake_session', httpOnly: true, sameSite: 'Lax', path: '/' })
  const tab = await page.context().newPage()
  await tab.goto(page.url())
  await until(() => tab.locator('video').evaluate(video => (video as HTMLVideoElement).readyState >= 2))
  await tab.close()
  const captions = () =>
    page.evaluate(() =>
      [...document.querySelector('video')!.textTracks].flatMap(({ kind, cues }) =>
        kind === 'captions' ? [...(cues ?? [])].map(cue => (cue as VTTCue).text) : [],
      ),
    )
  t.match(await until(async () => (await captions()).join()), /apple/)
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  // The first line gets the focus.
  await until(() => page.evaluate(() => document.activeElement?.matches('button[tabindex="0"]')))
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: /^Text at/ }).fill('A pear.')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Save' }).click()
  // An edit changes the captions.
  await until(async () => (await captions()).includes('A pear.'))

  await page.getByRole('button', { name: 'Share' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('combobox').selectOption({ index: 1 })
  const link = await until(async () => {
    const value = await dialog.getByRole('textbox').inputValue()
    return value.includes('signature=') && value
  })
  t.same(await faults(page, 'share-signed'), [])
  const stranger = await browser.newPage()
  await stranger.goto(link)
  await until(() => stranger.locator('video').evaluate(video => (video as HTMLVideoElement).readyState >= 2))
  await page.keyboard.press('Escape')

  const watched = page.url()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await field.waitFor()
  await page.goto(watched)
  await field.waitFor()
  t.equal(await page.locator('video').count(), 0)

  await field.fill(keys.reader.authorization.replace('Bearer ', ''))
  await enter.click()
  await until(isPlayable)
  await page.getByRole('button', { name: 'New', exact: true }).click()
  await page.getByRole('link', { name: 'Record' }).click()
  await page.getByRole('button', { name: 'Start recording' }).click()
  await page.getByText('Incomplete').waitFor()
  await page.getByText('does not allow this').waitFor()
  t.same(await faults(page, 'record-refused'), [])
  await page.getByRole('button', { name: 'Record another' }).click()
  await page.getByRole('button', { name: 'Start recording' }).waitFor()
  t.equal(await page.getByRole('link', { name: 'Access keys' }).count(), 0, 'for admins only')

  await page.getByRole('button', { name: 'Sign out' }).click()
  await field.fill(keys.root.authorization.replace('Bearer ', ''))
  await enter.click()
  await page.getByRole('link', { name: 'Access keys' }).click()
  await page.getByRole('heading', { name: 'alice', exact: true }).first().waitFor()
  t.same(await faults(page, 'keys'), [])
  t.same(await unseenInHighContrast(page, 'keys'), [])
  await page.getByRole('button', { name: 'New key' }).click()
  await page.getByLabel('Owner').fill('bob')
  await page.getByLabel('Purpose').fill('Phone')
  await page.getByRole('button', { name: 'Create' }).click()
  const secret = await page.getByLabel('Key', { exact: true }).inputValue()
  t.same(await faults(page, 'new-key'), [])
  await page.getByRole('button', { name: 'Close' }).click()
  const withKey = async () =>
    (await fetch(`${service.url}/videos`, { headers: { authorization: `Bearer ${secret}` } })).status
  t.equal(await withKey(), 200)
  await page.getByRole('button', { name: 'Revoke the key of bob: Phone' }).click()
  await page.getByRole('button', { name: 'Revoke', exact: true }).click()
  await page.getByText('Key of bob revoked.').waitFor()
  t.equal(await withKey(), 401)
  await until(async () => (await page.getByRole('heading', { name: 'bob: Phone' }).count()) === 0)
  t.same(complaints, [])
})
