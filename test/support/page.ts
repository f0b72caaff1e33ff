import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const SCREENSHOTS = join(import.meta.dirname, '..', '.screenshots')
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

export interface WatchedPage {
  readonly page: Page
  /** What the page complained about in its console, and what it threw. */
  readonly complaints: readonly string[]
}

/** A page of the service, as in a new browser, with everything that it complains about. */
export async function openServicePage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    locale: 'en-GB',
    permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'],
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    // Chromium's own word on a failed request says nothing about the page.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints }
}

/** What axe finds to be a serious barrier or worse. Not run by the page's own rules: its policy lets no foreign script in. */
export async function barriers(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  await session.send('Page.setBypassCSP', { enabled: true })
  await session.detach()
  const isolated = await page.context().newCDPSession(page)
  const { readFile } = await import('node:fs/promises')
  await isolated.send('Runtime.evaluate', { expression: await readFile(AXE, 'utf8') })
  const { result } = await isolated.send('Runtime.evaluate', {
    // A colour on its way to another is neither.
    expression: `for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();
      axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => JSON.stringify(
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ target, any }) => id + ' ' + target.join(' ') + ' ' + (any[0]?.message ?? '')))))`,
    awaitPromise: true,
  })
  await isolated.detach()
  return JSON.parse(result.value as string)
}

/** Keeps a picture of the page in both themes and at both widths, for people to look at. */
export async function screenshots(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true })
  const before = page.viewportSize()!
  for (const [width, height] of [
    [1280, 800],
    [360, 740],
  ] as const) {
    await page.setViewportSize({ width, height })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({
        path: join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`),
        animations: 'disabled',
      })
    }
  }
  await page.setViewportSize(before)
  await page.emulateMedia({ colorScheme: null })
}
