import type { Page } from 'playwright-core'

/** The label of the focused element, or its text. */
export function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement!
    return element.getAttribute('aria-label') ?? element.textContent!.trim()
  })
}

/** Presses Tab until an element with this name has the focus. @throws Error if Tab does not reach one. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    if (name.test(await focusedName(page))) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${name} cannot be reached by Tab; the last was ${await focusedName(page)}`)
}
