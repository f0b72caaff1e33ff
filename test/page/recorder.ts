import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Service } from '../support/service.ts'
import { openServicePage, type WatchedPage } from './service-page.ts'

/** Opens the view that records. */
export function openRecorder(
  browser: Browser,
  { url }: Service,
  options: BrowserContextOptions & { readonly beforeLoad?: () => void } = {},
): Promise<WatchedPage> {
  return openServicePage(browser, `${url}/record`, { beforeLoad: recordSmallPictures, ...options })
}

/** Runs in the page. Makes cameras and screens deliver small pictures, because encoding large ones would take most of the test's time. */
function recordSmallPictures(): void {
  const { mediaDevices } = navigator
  for (const name of ['getUserMedia', 'getDisplayMedia'] as const) {
    const original = mediaDevices[name].bind(mediaDevices)
    mediaDevices[name] = (constraints = {}) =>
      original({
        ...constraints,
        ...(constraints.video && { video: { width: 320, height: 180, frameRate: 15 } }),
      })
  }
}

/** Bytes of the recording that the server has. */
export const sent = async (page: Page) => Number(await page.locator('[data-sent]').getAttribute('data-sent'))

/** Bytes of the recording that only the browser has. */
export const unsent = async (page: Page) =>
  Number(await page.locator('[data-unsent]').getAttribute('data-unsent'))
