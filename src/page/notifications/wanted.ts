import { effect, signal } from '@preact/signals'
import type { Video } from '../api/types.ts'
import { getVideo } from '../api/videos.ts'
import { say } from '../locale/say.ts'
import { address, location, navigate, pathOf } from '../router.ts'

const KEY = 'longtake-notify'
const POLL_MS = 4000

/** Ids of the videos about whose transcript the user wants to be told. They outlive a reload, and all tabs share them. */
export const wanted = signal<ReadonlySet<string>>(stored())

function stored(): ReadonlySet<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY) ?? '[]'))
  } catch {
    return new Set()
  }
}

function store(ids: ReadonlySet<string>): void {
  wanted.value = ids
  try {
    localStorage.setItem(KEY, JSON.stringify([...ids]))
  } catch {
    // Without storage, the request lasts until the tab is closed.
  }
}

/** Whether this browser can notify: some cannot, and others only over HTTPS. */
export const canNotify = 'Notification' in window && isSecureContext

/** Asks the browser for permission, if necessary, and remembers the video. Call it after a click. @returns whether the user allows it */
export async function want(id: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== 'granted') return false
  store(new Set([...wanted.value, id]))
  return true
}

export function forget(id: string): void {
  store(new Set([...wanted.value].filter(each => each !== id)))
}

/** Notifies when a transcript is ready, as long as a tab of Longtake is open. There is no push service. */
export function notifyWhenReady(): void {
  addEventListener('storage', ({ key }) => {
    if (key === KEY) wanted.value = stored()
  })
  let timer: number | undefined
  let isPolling = false
  const poll = async () => {
    // A request can wait for a sign-in; further ones would pile up.
    if (isPolling) return
    isPolling = true
    for (const id of wanted.value) await check(id)
    isPolling = false
  }
  effect(() => {
    clearInterval(timer)
    timer = wanted.value.size > 0 ? window.setInterval(() => void poll(), POLL_MS) : undefined
  })
}

async function check(id: string): Promise<void> {
  try {
    const { value: video } = await getVideo(id)
    const isReady = transcriptState(video)
    if (isReady === undefined) return
    forget(id)
    await notify(video, isReady)
  } catch (error) {
    if ((error as { status?: number }).status === 404) forget(id)
  }
}

/** @returns whether there is a transcript; undefined while it is being made */
function transcriptState({ status, steps }: Video): boolean | undefined {
  const state = steps.find(({ name }) => name === 'transcribe')?.state
  if (status !== 'failed' && (state === 'pending' || state === 'running')) return undefined
  return state === 'done'
}

async function notify({ id, title }: Video, isReady: boolean): Promise<void> {
  const path = `watch/${id}`
  // The user sees it already.
  if (!document.hidden && pathOf(location.value) === `/${path}`) return
  const text = isReady ? say('Transcript ready') : say('The transcript could not be made')
  // Two tabs show the same notification once.
  const options = { body: title, tag: `transcript ${id}`, icon: address('icon-192.png'), data: { path } }
  const registration = await navigator.serviceWorker.getRegistration()
  // Phones show notifications of service workers only.
  if (registration?.active) return registration.showNotification(text, options)
  new Notification(text, options).onclick = () => {
    window.focus()
    navigate(path)
  }
}
