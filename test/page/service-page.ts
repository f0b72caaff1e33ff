import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
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
  /** What the page complained about in its console, what it threw, and what it asked of anybody but the service. */
  readonly complaints: readonly string[]
}

/** A page of the service, as in a new browser, with everything that it complains about. @param options.beforeLoad runs in the page first */
export async function openServicePage(
  browser: Browser,
  url: string,
  { beforeLoad, ...options }: BrowserContextOptions & { readonly beforeLoad?: () => void } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    locale: 'en-GB',
    permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'],
    ...options,
  })
  // Of a slow and busy machine: it costs nothing where all is well.
  context.setDefaultTimeout(120_000)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    // Chromium's own word on a failed request says nothing about the page.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      complaints.push(message.text())
  })
  const { origin } = new URL(url)
  context.on('request', request => {
    const { protocol, origin: asked } = new URL(request.url())
    if (asked !== origin && protocol !== 'data:' && protocol !== 'blob:')
      complaints.push(`a request to ${asked}`)
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

/** Complains when the focus stays on the body although nobody has clicked beside everything: a screen reader would begin again at the top. */
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
  // Behind the last element of a page, Tab leads to the body once, and then to the first one.
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
    else if (++since === 5) console.error(`the focus fell to the body; it was on ${last}`)
  }, 100)
}

export interface Measured {
  /** Cumulative Layout Shift: how much of what one looks at has jumped. */
  readonly shift: number
  /** Milliseconds of the longest task. */
  readonly longest: number
}

/** What a page's document has measured since it was loaded. */
export function measured(page: Page): Promise<Measured> {
  return page.evaluate(() => (window as unknown as { measured: Measured }).measured)
}

/**
 * Checks a view on a desk and on a phone, in light and in dark.
 * @returns the barriers that axe finds serious or critical, and whether anything sticks out at the side
 */
export async function faults(page: Page, name: string): Promise<string[]> {
  const before = page.viewportSize()!
  const found: string[] = []
  for (const [width, colorScheme] of LOOKS) {
    await page.setViewportSize({ width, height: SIZES[width] })
    await page.emulateMedia({ colorScheme })
    await keepScreenshot(page, `${name}-${width}-${colorScheme}`)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    const here = [...(wide > 0 ? [`${wide} px too wide`] : []), ...(await barriers(page))]
    found.push(...here.map(fault => `${width} ${colorScheme}: ${fault}`))
  }
  await page.setViewportSize(before)
  await page.emulateMedia({ colorScheme: null })
  return found
}

/** Not run by the page's own rules: its policy lets no foreign script in. */
async function barriers(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  const { result: known } = await session.send('Runtime.evaluate', { expression: '"axe" in window' })
  if (!known.value) {
    await session.send('Page.setBypassCSP', { enabled: true })
    await session.send('Runtime.evaluate', { expression: readFileSync(AXE, 'utf8') })
  }
  const { result } = await session.send('Runtime.evaluate', {
    // A colour that is fading in or out is neither. Spinners never end.
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
