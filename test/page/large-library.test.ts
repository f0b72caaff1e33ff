import { sql } from 'kysely'
import t from 'tap'
import { openPglite } from '../../src/database/pglite-database.ts'
import { startBrowser } from '../support/browser.ts'
import { seedEmbeddedDatabase } from '../support/embedded-database.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'
import { faults, measured, openServicePage } from './service-page.ts'

/** Number of videos; 10,000 take a minute. */
const ROWS = Number(process.env['ROWS'] ?? 600)

t.test(`${ROWS} videos are loaded while scrolling, and only few are in the document`, async t => {
  const dataDir = throwAwayDirectory('data')
  await seedEmbeddedDatabase(dataDir)
  const database = await openPglite(dataDir)
  await sql`
    insert into videos (id, title, status, storage_key, size, created_at)
    select gen_random_uuid(), 'Video ' || n, 'ready', 'uploads/' || n, 1000, now() - n * interval '1 minute'
    from generate_series(1, ${ROWS}::int) n`.execute(database.db)
  await database.close()
  const [service, browser] = await Promise.all([startService({ env: { DATA_DIR: dataDir } }), startBrowser()])
  t.teardown(() => Promise.all([service.stop(), browser.close()]))
  const { page, complaints } = await openServicePage(browser, service.url)
  await page.getByRole('link', { name: 'Video 1', exact: true }).waitFor()
  t.same(await faults(page, 'library-large'), [])
  // The page recovers if the server is unreachable for a moment.
  let refusals = 2
  await page.route(/cursor=/, route => (refusals-- > 0 ? route.fulfill({ status: 503 }) : route.continue()))
  let most = 0
  const last = page.getByRole('link', { name: `Video ${ROWS}`, exact: true })
  await until(
    async () => {
      most = Math.max(most, await page.locator('.card').count())
      if (await last.isVisible()) return true
      const alert = page.getByRole('alert')
      if (await alert.isVisible()) throw new Error(`at ${most} cards: ${await alert.innerText()}`)
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
      return false
    },
    { timeout: 200_000 },
  )
  t.ok(most > 8 && most < 100, `${most} in the document at once`)
  t.equal(await page.locator('.card').last().getAttribute('aria-posinset'), String(ROWS))
  // For information only: it depends on the machine.
  t.ok((await measured(page)).shift < 0.001, 'nothing jumps')
  t.comment(`the longest task took ${Math.round((await measured(page)).longest)} ms`)

  // The focus stays on a card that is scrolled away, and an arrow key leads back to it.
  await last.focus()
  const focused = () => page.evaluate(() => document.activeElement!.textContent)
  await page.evaluate(() => scrollTo(0, 0))
  await page.getByRole('link', { name: 'Video 1', exact: true }).waitFor()
  t.equal(await focused(), `Video ${ROWS}`)
  await page.keyboard.press('ArrowLeft')
  await until(async () => (await focused()) === `Video ${ROWS - 1}`)
  t.ok(await page.evaluate(() => scrollY > 1000))
  await page.keyboard.press('Home')
  await until(async () => (await focused()) === 'Video 1')
  await page.keyboard.press('End')
  await until(async () => (await focused()) === `Video ${ROWS}`)

  await last.click()
  await page.getByRole('heading', { name: `Video ${ROWS}` }).waitFor()
  await page.goBack()
  await last.waitFor()
  t.pass('Back leads to the same place')
  await page.getByLabel('Sort').selectOption('title')
  await page.getByRole('link', { name: 'Video 10', exact: true }).waitFor()
  t.same(complaints, [])
})
