import { execFileSync } from 'node:child_process'
import t from 'tap'
import { startBrowser } from '../support/browser.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { getJson } from '../support/video-api.ts'
import { faults, openServicePage } from './service-page.ts'

const service = await startService()
const browser = await startBrowser()
t.teardown(async () => {
  await browser.close()
  await service.stop()
})

interface Document {
  readonly paths: Record<string, Record<string, { operationId: string; summary: string }>>
  readonly webhooks: Record<string, { post: { operationId: string } }>
  readonly components: { readonly schemas: Record<string, object> }
}

t.test('the documentation shows everything that the OpenAPI document has', async t => {
  const { paths, webhooks, components } = await getJson<Document>(`${service.url}/openapi.json`)
  const { page, complaints } = await openServicePage(browser, `${service.url}/docs`)
  const operations = [...Object.values(paths), ...Object.values(webhooks)].flatMap(item =>
    Object.values(item),
  )
  const ids = operations.map(({ operationId }) => operationId)
  t.ok(ids.length > 60)
  const shown = await page.locator('.operation h3').evaluateAll(all => all.map(({ id }) => id))
  t.same([...shown].sort(), [...ids].sort())
  const linked = await page
    .locator('nav li a')
    .evaluateAll(all => all.map(link => (link as HTMLAnchorElement).hash.slice(1)))
  t.same(linked, shown)
  const schemas = await page.locator('.schema h3').allTextContents()
  t.same(schemas, Object.keys(components.schemas))
  const dangling = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')]
      .map(({ hash }) => hash)
      .filter(hash => !document.getElementById(decodeURIComponent(hash.slice(1)))),
  )
  t.same(dangling, [])

  const commands = await page
    .locator('.examples figure:has(figcaption:text-is("Request")) code')
    .allTextContents()
  t.ok(commands.length > 60)
  for (const command of commands) execFileSync('sh', ['-n', '-c', command])
  const list = commands.find(command => command === `curl '${service.url}/videos'`)
  t.ok(list, 'the examples name this service')
  t.match(JSON.parse(execFileSync('sh', ['-c', list!.replace('curl', 'curl -s')]).toString()), { items: [] })
  t.same(complaints, [], 'nothing is loaded from elsewhere, or refused by the policy')
})

t.test('it can be filtered and copied by keyboard', async t => {
  const { page, complaints } = await openServicePage(browser, `${service.url}/docs`)
  const visible = page.locator('.operation:visible h3')
  await page.keyboard.press('/')
  await page.keyboard.type('restore bin')
  await until(async () => (await visible.count()) < 15)
  const found = await visible.allTextContents()
  t.ok(found.includes('Restore a video from the bin'), found.join())
  t.notOk(found.includes('Version and components'))
  t.equal(await page.locator('nav li:visible').count(), found.length)
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('nonsense')
  await page.getByText('No operation matches.').waitFor()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.press('Delete')
  await until(async () => (await visible.count()) > 60)
  await page
    .locator('.operation:has(#getStatus)')
    .getByRole('button', { name: 'Copy: Request' })
    .press('Enter')
  const copied = () => page.evaluate(() => navigator.clipboard.readText())
  await until(async () => (await copied()) === `curl '${service.url}/status'`)
  t.same(complaints, [])
})

t.test('everybody can read it, in both themes and on phones', async t => {
  const { page, complaints } = await openServicePage(browser, `${service.url}/docs`)
  // A sample of each part is enough, and all of it takes a minute.
  await page.evaluate(() => {
    for (const part of document.querySelectorAll('.operation:nth-of-type(n+3), .schema:nth-of-type(n+4)'))
      part.remove()
  })
  t.same(await faults(page, 'docs'), [])
  t.same(complaints, [])
})

t.test('it is complete without its script', async t => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${service.url}/docs#listVideos`)
  t.ok(await page.locator('h3#listVideos').isVisible())
  t.ok(await page.locator('nav').getByText('Restore a video from the bin').isVisible())
  t.notOk(await page.locator('#filter').isVisible())
  await context.close()
})

t.test('below a path, its parts and examples have the public address', async t => {
  const { url, stop } = await startService({
    env: { PUBLIC_URL: 'https://video.example.com/intake', AUTH: 'api_key' },
  })
  const html = await (await fetch(`${url}/docs`)).text()
  await stop()
  t.match(html, /<link rel="stylesheet" href="\/intake\/docs\/style-[\w-]+\.css">/)
  t.match(html, 'curl &#39;https://video.example.com/intake/videos&#39;')
  t.match(html, '-H &quot;Authorization: Bearer $LONGTAKE_KEY&quot;')
  t.match(html, 'This server requires one')
})
