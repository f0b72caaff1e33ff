import { type Browser, chromium, type Page } from 'playwright-core'

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Headless Chromium with its own camera and microphone: a moving test picture and a beep each second. */
export async function startBrowser(): Promise<Browser> {
  const args = ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
  let failure: unknown
  for (const executablePath of PROGRAMS) {
    try {
      return await chromium.launch({
        executablePath,
        args: [...args, '--autoplay-policy=no-user-gesture-required'],
      })
    } catch (error) {
      failure ??= error
    }
  }
  throw failure
}

/** A page in a secure context, which browsers give cameras to, without any server behind it. */
export async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage()
  await page.route('https://longtake.test/', route =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
  )
  await page.goto('https://longtake.test/')
  return page
}
