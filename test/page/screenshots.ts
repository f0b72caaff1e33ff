import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

const DIRECTORY = join(import.meta.dirname, '..', '.screenshots')

/** Saves a screenshot of a view for people, if SCREENSHOTS is set. All of them together take a while. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (!process.env['SCREENSHOTS']) return
  mkdirSync(DIRECTORY, { recursive: true })
  await page.screenshot({ path: join(DIRECTORY, `${name}.png`), animations: 'disabled' })
}
