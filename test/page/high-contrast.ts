import type { Browser, Page } from 'playwright-core'
import { keepScreenshot } from './screenshots.ts'

/** WCAG 2.2, 1.4.11 Non-text Contrast */
const MIN_CONTRAST = 3

interface Box {
  readonly name: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * Checks a view in high contrast, in a dark and in a light system theme.
 * @returns the invisible controls and icons: their darkest and lightest pixels are nearly the same
 */
export async function unseenInHighContrast(page: Page, name: string): Promise<string[]> {
  const reader = await readerOf(page.context().browser()!)
  const unseen: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, forcedColors: 'active' })
    const boxes = await page.evaluate(boxesOfControls)
    await keepScreenshot(page, `${name}-forced-${colorScheme}`)
    const picture = (await page.screenshot({ animations: 'disabled' })).toString('base64')
    // A message that ends meanwhile may be in the list and not in the picture.
    const after = new Set((await page.evaluate(boxesOfControls)).map(keyOf))
    const shown = boxes.filter(box => after.has(keyOf(box)))
    const contrasts = await reader.evaluate(contrastsOf, { picture, boxes: shown })
    for (const [at, contrast] of contrasts.entries())
      if (contrast < MIN_CONTRAST) unseen.push(`${colorScheme}: ${shown[at]!.name} ${contrast.toFixed(1)}`)
  }
  await page.emulateMedia({ colorScheme: null, forcedColors: null })
  return unseen
}

const keyOf = (box: Box) => JSON.stringify(box)

const readers = new WeakMap<Browser, Promise<Page>>()

/** A separate page that reads screenshots, because the content security policy forbids it in the service's pages. */
function readerOf(browser: Browser): Promise<Page> {
  const known = readers.get(browser) ?? browser.newPage()
  readers.set(browser, known)
  return known
}

/** Runs in the page. @returns the controls and icons that are on the screen and not covered. */
function boxesOfControls(): Box[] {
  const found = document.querySelectorAll(
    'a[href], button, input, select, summary, progress, .icon, .seek-track, .record-dot, .step-dot, .spinner',
  )
  return [...found].flatMap(element => {
    const { x, y, width, height } = element.getBoundingClientRect()
    const isInside = x >= 0 && y >= 0 && x + width <= innerWidth && y + height <= innerHeight
    const [atX, atY] = [x + width / 2, y + height / 2]
    const onTop = document.elementFromPoint(atX, atY)
    const isCovered =
      !onTop || !(element.contains(onTop) || onTop.contains(element) || element.matches('.seek-track'))
    const isOff = element.closest('[aria-disabled="true"], :disabled, .quiet') !== null
    const hasArea = width > 2 && height > 2 && element.checkVisibility({ opacityProperty: true })
    if (!isInside || isCovered || isOff || !hasArea || getComputedStyle(element).opacity === '0') return []
    const name = `${element.tagName.toLowerCase()} ${element.getAttribute('aria-label') ?? element.textContent?.trim() ?? ''} .${element.getAttribute('class') ?? ''}`
    return [{ name, x, y, width, height }]
  })
}

/** Runs in the separate page. @returns the contrast within each box (WCAG 2.2, relative luminance). */
async function contrastsOf({ picture, boxes }: { picture: string; boxes: Box[] }): Promise<number[]> {
  const image = new Image()
  image.src = `data:image/png;base64,${picture}`
  await image.decode()
  const canvas = new OffscreenCanvas(image.width, image.height)
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.drawImage(image, 0, 0)
  const linear = (value: number) => (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4)
  return boxes.map(({ x, y, width, height }) => {
    const { data } = context.getImageData(Math.floor(x), Math.floor(y), Math.ceil(width), Math.ceil(height))
    let [darkest, lightest] = [1, 0]
    for (let at = 0; at < data.length; at += 4) {
      const luminance =
        0.2126 * linear(data[at]!) + 0.7152 * linear(data[at + 1]!) + 0.0722 * linear(data[at + 2]!)
      darkest = Math.min(darkest, luminance)
      lightest = Math.max(lightest, luminance)
    }
    return (lightest + 0.05) / (darkest + 0.05)
  })
}
