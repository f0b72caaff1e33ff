import { signal } from '@preact/signals'

/** Whether the tray is on the screen. */
export const isTrayShown = signal(false)
/** Whether the tray shows its rows. */
export const isTrayOpen = signal(true)

/** Number of files that are added as soon as the code is loaded. */
export const pendingCount = signal(0)

let input: HTMLInputElement | undefined

/** The hidden field that opens the file dialog. */
export function setFileInput(element: HTMLInputElement | null): void {
  input = element ?? undefined
}

/** Opens the file dialog. Browsers permit this only after a click or a key. */
export function chooseFiles(): void {
  input?.click()
}
