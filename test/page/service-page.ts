import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'
import { keepScreenshot } from './screenshots.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** Widths and heights in pixels, and themes. SCREENSHOTS=all checks each size in each theme. */
const SIZES = { 1280: 800, 360: 740 } as const
type Look = readonly [width: keyof typeof SIZES, theme: 'light' | 'dark']
const TWO: readonly Look[] = [
  [1280, 'light'],
  [360, 'dark'],
]
const LOOKS =
  process.env['SCREENSHOTS'] === 'all' ? [...TWO, [1280, 'dark'] as Look, [360, 'light'] as Look] : TWO

export interface WatchedPage {
  readonly page: Page
  /** Errors in the console, uncaught errors, and requests to other servers. */
  readonly complaints: readonly string[]
}

export interface PageOptions extends BrowserContextOptions {
  /** Runs first in the page. */
  readonly beforeLoad?: () => void
}

/** @param url of the service @returns a function that opens a path of the service, and closes the page when the test ends */
export function pagesOf(t: Test, browser: Browser, url: string) {
  return async (path = '', options: PageOptions = {}): Promise<WatchedPage> => {
    const opened = await openServicePage(browser, `${url}/${path}`, options)
    t.teardown(() => opened.page.context().close())
    return opened
  }
}

/** Opens a page of the service in a new browser context, and collects its errors. */
export async function openServicePage(
  browser: Browser,
  url: string,
  { beforeLoad, ...options }: PageOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    locale: 'en-GB',
    // Playwright does not route requests of pages that have a service worker. Its own tests allow it.
    serviceWorkers: 'block',
    permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'],
    ...options,
  })
  // Long enough for a slow and busy machine.
  context.setDefaultTimeout(120_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    // Chromium logs failed requests by itself, and some tests cause them.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      complaints.push(message.text())
  })
  const { origin } = new URL(url)
  context.on('request', request => {
    const { protocol, origin: target } = new URL(request.url())
    if (target !== origin && protocol !== 'data:' && protocol !== 'blob:')
      complaints.push(`a request to ${target}`)
  })
  await page.addInitScript(watchFocus)
  if (beforeLoad) await page.addInitScript(beforeLoad)
  await page.addInitScript(() => {
    const measured = { shift: 0, longest: 0 }
    Object.assign(window, { measured })
    new PerformanceObserver(list => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number
        hadRecentInput: boolean
      })[])
        if (!entry.hadRecentInput) measured.shift += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) measured.longest = Math.max(measured.longest, duration)
    }).observe({ type: 'longtask', buffered: true })
  })
  await page.goto(url)
  return { page, complaints }
}

/** Logs an error if the focus stays on the body after no click on an empty area: a screen reader would start again at the top. */
function watchFocus(): void {
  let last = ''
  let since = 0
  document.addEventListener(
    'focusin',
    ({ target }) => {
      const { tagName, textContent, ariaLabel } = target as Element
      last = `${tagName} ${ariaLabel ?? textContent?.trim().slice(0, 40)}`
    },
    true,
  )
  document.addEventListener(
    'pointerdown',
    ({ target }) => {
      if (!(target as Element).closest('a, button, input, select, textarea, summary, label, [tabindex]'))
        last = ''
    },
    true,
  )
  // After the last element of a page, Tab leads to the body once, and then to the first element.
  document.addEventListener(
    'keydown',
    ({ key }) => {
      if (key === 'Tab') last = ''
    },
    true,
  )
  const { setInterval } = window
  setInterval(() => {
    if (!last || document.activeElement !== document.body) since = 0
    else if (++since === 5) console.error(`the focus moved to the body from ${last}`)
  }, 100)
}

export interface Measured {
  /** Cumulative Layout Shift: how much of the visible page has jumped. */
  readonly shift: number
  /** Milliseconds of the longest task. */
  readonly longest: number
}

/** The measurements of a page since it was loaded. */
export function measured(page: Page): Promise<Measured> {
  return page.evaluate(() => (window as unknown as { measured: Measured }).measured)
}

/**
 * Checks a view on a computer and on a phone, in a light and in a dark theme. @param looks other sizes and themes
 * @returns the serious and critical findings of axe, and whether the page is too wide
 */
export async function faults(page: Page, name: string, looks: readonly Look[] = LOOKS): Promise<string[]> {
  const before = page.viewportSize()!
  const found: string[] = []
  for (const [width, colorScheme] of looks) {
    await page.setViewportSize({ width, height: SIZES[width] })
    await page.emulateMedia({ colorScheme })
    await keepScreenshot(page, `${name}-${width}-${colorScheme}`)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    const here = [...(wide > 0 ? [`${wide} px too wide`] : []), ...(await axeFindings(page))]
    found.push(...here.map(fault => `${width} ${colorScheme}: ${fault}`))
  }
  await page.setViewportSize(before)
  await page.emulateMedia({ colorScheme: null })
  return found
}

/** Runs axe without the page's content security policy, which forbids foreign scripts. */
async function axeFindings(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  const { result: known } = await session.send('Runtime.evaluate', { expression: '"axe" in window' })
  if (!known.value) {
    await session.send('Page.setBypassCSP', { enabled: true })
    await session.send('Runtime.evaluate', { expression: readFileSync(AXE, 'utf8') })
  }
  const { result } = await session.send('Runtime.evaluate', {
    // Colours must not be measured during a transition. Spinners never end.
    expression: `for (const each of document.getAnimations())
        if (Number.isFinite(each.effect.getComputedTiming().endTime)) each.finish();
      axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => JSON.stringify(
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ target, any }) => id + ' ' + target.join(' ') + ' ' + (any[0]?.message ?? '')))))`,
    awaitPromise: true,
  })
  await session.detach()
  return JSON.parse(result.value as string)
}
