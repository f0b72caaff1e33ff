import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { childrenWith } from './child-processes.ts'
import { equalSessionPriority } from './priority.ts'

const PROGRAMS = [
  ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Headless Chromium with a camera and a microphone of its own: a moving test picture, and a beep each half second. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = PROGRAMS.find(existsSync)
  if (!executablePath) throw new Error(`Chromium is in none of these places: ${PROGRAMS.join(', ')}`)
  const browser = await chromium.launch({
    executablePath,
    timeout: 120_000,
    args: [
      // Root has no sandbox.
      '--no-sandbox',
      '--disable-gpu',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ],
  })
  // Else it would take most of the processors from the services that other tests wait for.
  equalSessionPriority(childrenWith('--headless'))
  return browser
}

export interface Played {
  readonly error: string | undefined
  /** Seconds. */
  readonly duration: number
  readonly currentTime: number
  /** Pixels as displayed. */
  readonly width: number
  readonly height: number
  /** Whether a picture that was decoded after the jump is there, and is not of one colour. */
  readonly picture: boolean
}

export interface SoughtThrough {
  readonly error: string | undefined
  /** How many places were reached. */
  readonly reached: number
  readonly ended: boolean
  /** Seconds. */
  readonly duration: number
}

/** Opens a file in a browser, jumps to twelve places, and then plays it from its beginning to its end. */
export async function seekThrough(browser: Browser, url: string): Promise<SoughtThrough> {
  const page = await browser.newPage({ bypassCSP: true })
  try {
    await page.goto(new URL('/status', url).href)
    return await inPage(page, 'seekThrough', { url, seeks: 12 })
  } finally {
    await page.close()
  }
}

/** Opens a file in a browser, jumps to a share of it, and tells what came of that. */
export async function playInBrowser(browser: Browser, url: string, share: number): Promise<Played> {
  const page = await browser.newPage({ bypassCSP: true })
  try {
    // The same origin, so that what is shown can be looked at; an answer for programs shows nothing else by its policy.
    await page.goto(new URL('/status', url).href)
    return await inPage(page, 'play', { url, share })
  } finally {
    await page.close()
  }
}

/** Runs a function of in-page/ in a page. These files are JavaScript, because a page has other globals than the tests. */
export function inPage<T>(
  page: Page,
  name: 'play' | 'record' | 'seekThrough',
  argument: unknown,
): Promise<T> {
  const file = name === 'seekThrough' ? 'seek-through' : name
  const sources = ['load-video', file].map(each =>
    readFileSync(join(import.meta.dirname, 'in-page', `${each}.js`), 'utf8'),
  )
  return page.evaluate(`${sources.join('\n')}\n${name}(${JSON.stringify(argument)})`)
}
