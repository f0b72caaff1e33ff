import { batch, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { say } from '../locale/say.ts'
import { toast } from '../parts/toasts.tsx'
import { refusalsOf } from './accepted-files.ts'
import { ids } from './queue.ts'
import { hasUnfinishedQueue, ownsStoredQueue } from './stored-queue.ts'
import { chooseFiles, isTrayOpen, isTrayShown, pendingCount } from './tray-state.ts'

/** The tray's component; undefined until it is loaded. */
export const tray = signal<ComponentType | undefined>()

const REFUSAL_S = 12

/** The element that gets the focus when the tray opens. */
const FIRST_IN_TRAY = '.tray-empty button, .tray-rows input'

let loading: Promise<[typeof import('./begin.ts'), typeof import('./tray.tsx')]> | undefined

/** Shows the uploads of this tab. If there are none, opens the file dialog. */
export function showUploads(): void {
  if (ids.value.length === 0) chooseFiles()
  else openTray()
}

/** Shows the tray and moves the focus to it. */
export function openTray(): void {
  isTrayShown.value = true
  isTrayOpen.value = true
  load().then(
    () =>
      setTimeout(() => document.querySelector<HTMLElement>(FIRST_IN_TRAY)?.focus({ preventScroll: true })),
    sayNotLoaded,
  )
}

/** Loads the code while the user chooses files, so that nothing has to be loaded when the upload begins. */
export function prepare(): void {
  // If this fails, adding the files tries again, and says so.
  load().catch(() => {})
}

/** Adds files to the queue and uploads them. Says which files are refused. */
export async function addFiles(files: readonly File[]): Promise<void> {
  for (const refusal of refusalsOf(files)) toast(refusal, { seconds: REFUSAL_S })
  const accepted = files.filter(file => refusalsOf([file]).length === 0)
  if (accepted.length === 0) return
  isTrayShown.value = true
  isTrayOpen.value = true
  pendingCount.value += accepted.length
  const queue = await load().catch(sayNotLoaded)
  batch(() => {
    pendingCount.value -= accepted.length
    queue?.add(accepted)
  })
}

/** Continues the uploads that an earlier tab has not finished. */
export async function restoreUploads(): Promise<void> {
  if (!(await hasUnfinishedQueue()) || !(await ownsStoredQueue())) return
  await load().catch(sayNotLoaded)
  if (ids.value.length > 0) isTrayShown.value = true
}

/** Loads Uppy and the tray, and restores the stored queue. @throws TypeError if the code cannot be loaded */
async function load() {
  loading ??= Promise.all([import('./begin.ts'), import('./tray.tsx')])
  try {
    const [queue, { Tray }] = await loading
    tray.value = Tray
    await queue.begun
    return queue
  } catch (error) {
    loading = undefined
    throw error
  }
}

function sayNotLoaded(): undefined {
  isTrayShown.value = ids.value.length > 0
  toast(say('The uploads could not be loaded. Check your connection, then reload the page.'), {
    seconds: REFUSAL_S,
  })
}
