import type { Locator, Page } from 'playwright-core'
import { until } from '../support/until.ts'

type Files = Parameters<Locator['setInputFiles']>[0]

/** The queue of uploads at the bottom right. */
export const trayOf = (page: Page) => page.getByRole('region', { name: 'Uploads', exact: true })

/** A row of the tray. @param name of the file */
export const rowOf = (page: Page, name: string) =>
  trayOf(page)
    .getByRole('list', { name: 'Files' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('textbox', { name: `Title of ${name}`, exact: true }) })

/** Chooses files like a user: in the dialog that New and Upload open. */
export async function upload(page: Page, files: Files): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'New', exact: true }).click()
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await (await chooser).setFiles(files)
}

/** Waits until the browser has stored the queue, or the files, with a text in it. Uppy does both a moment after each change. */
export async function isStored(page: Page, store: 'metadata' | 'files', text: string): Promise<void> {
  await until(() =>
    page.evaluate(
      async ([store, text]) => {
        const open = indexedDB.open('uppy-blobs')
        await new Promise(resolve => open.addEventListener('success', resolve))
        const request = open.result.transaction(store).objectStore(store).getAll()
        await new Promise(resolve => request.addEventListener('success', resolve))
        open.result.close()
        return JSON.stringify(request.result).includes(text)
      },
      [store, text] as const,
    ),
  )
}

/** Drops or pastes files, as the browser does. Playwright cannot drag files from outside. */
export async function giveFiles(
  page: Page,
  event: 'drop' | 'paste',
  files: readonly { readonly name: string; readonly type: string; readonly bytes: Buffer }[],
): Promise<void> {
  const encoded = files.map(({ bytes, ...file }) => ({ ...file, base64: bytes.toString('base64') }))
  await page.evaluate(
    ([event, encoded]) => {
      const data = new DataTransfer()
      for (const { name, type, base64 } of encoded)
        data.items.add(new File([Uint8Array.from(atob(base64), each => each.charCodeAt(0))], name, { type }))
      const options = { bubbles: true, cancelable: true }
      if (event === 'drop')
        document.body.dispatchEvent(new DragEvent('dragover', { ...options, dataTransfer: data }))
      document.body.dispatchEvent(
        event === 'drop'
          ? new DragEvent('drop', { ...options, dataTransfer: data })
          : new ClipboardEvent('paste', { ...options, clipboardData: data }),
      )
    },
    [event, encoded] as const,
  )
}
