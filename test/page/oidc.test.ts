import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { freePort } from '../support/free-port.ts'
import { CLIENT, startOidcProvider } from '../support/oidc-provider.ts'
import { startService } from '../support/service.ts'
import { unseenInHighContrast } from './high-contrast.ts'
import { faults, openServicePage } from './service-page.ts'

t.test('a person signs in at an OpenID provider, by keyboard', async t => {
  const [port, providerPort] = [await freePort(), await freePort()]
  const publicUrl = `http://127.0.0.1:${port}`
  const claims = { root: { longtake_scopes: ['admin'] } }
  const provider = await startOidcProvider({ port: providerPort, publicUrl, claims })
  t.teardown(() => provider.close())
  const service = await startService({
    env: {
      PORT: String(port),
      PUBLIC_URL: publicUrl,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
    },
  })
  t.teardown(() => service.stop())
  const browser = await startBrowser()
  t.teardown(() => browser.close())
  const { page, complaints } = await openServicePage(browser, `${publicUrl}/bin`)
  await page.context().route(/fonts\.googleapis/, route => route.abort())
  const dialog = page.getByRole('dialog', { name: 'Sign in' })
  await dialog.getByRole('link', { name: 'Sign in with 127.0.0.1' }).waitFor()
  t.same(await faults(page, 'sign-in-oidc'), [])
  t.same(await unseenInHighContrast(page, 'sign-in-oidc'), [])
  const tab = await page.context().newPage()
  await tab.goto(publicUrl)
  const waiting = tab.getByRole('dialog', { name: 'Sign in' })
  await waiting.waitFor()

  await page.bringToFront()
  await page.keyboard.press('Enter')
  await page.getByPlaceholder('Enter any login').fill('root')
  await page.getByPlaceholder('and password').fill('any')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Bin' }).waitFor()
  t.equal(page.url(), `${publicUrl}/bin`, 'back at the view where the sign-in began')
  await page.getByRole('link', { name: 'Access keys' }).waitFor()
  await waiting.waitFor({ state: 'detached' })
  await tab.getByRole('heading', { name: 'No videos yet' }).waitFor()

  await page.getByRole('button', { name: 'Sign out' }).click()
  await dialog.waitFor()
  t.equal(page.url(), `${publicUrl}/`)
  t.same(
    complaints.filter(text => !/a request to/.test(text)),
    [],
  )
  for (const text of complaints) t.match(text, new RegExp(`${provider.issuer}$|fonts\\.googleapis\\.com$`))
})
