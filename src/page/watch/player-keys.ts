export interface PlayerActions {
  readonly toggle: () => void
  readonly fullscreen: () => void
  readonly theatre: () => void
  readonly captions: () => void
  /** @param step 1 faster, -1 slower. */
  readonly speed: (step: number) => void
}

const SHORT_S = 5
const LONG_S = 10
const VOLUME_STEP = 0.1

/** Handles the usual keys of video players, unless the focused element uses them. @returns whether it was such a key */
export function playerKey(event: KeyboardEvent, media: HTMLVideoElement, actions: PlayerActions): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  const focused = event.target as Element
  if (focused.closest('input:not([type=range]), textarea, select, dialog, [contenteditable]')) return false
  const isControl = Boolean(focused.closest('button, a, summary, input'))
  const jump = (seconds: number) => () => {
    media.currentTime = Math.min(media.duration || 0, Math.max(0, media.currentTime + seconds))
  }
  const louder = (step: number) => () => {
    media.volume = Math.min(1, Math.max(0, media.volume + step))
  }
  const keys: Record<string, () => void> = {
    k: actions.toggle,
    j: jump(-LONG_S),
    l: jump(LONG_S),
    m: () => {
      media.muted = !media.muted
    },
    c: actions.captions,
    f: actions.fullscreen,
    t: actions.theatre,
    '<': () => actions.speed(-1),
    '>': () => actions.speed(1),
    // Focused controls use these keys themselves.
    ...(!isControl && { ' ': actions.toggle, ArrowLeft: jump(-SHORT_S), ArrowRight: jump(SHORT_S) }),
    // Otherwise these keys scroll the page.
    ...(!isControl &&
      document.fullscreenElement && { ArrowUp: louder(VOLUME_STEP), ArrowDown: louder(-VOLUME_STEP) }),
  }
  const digit = /^\d$/.test(event.key) ? Number(event.key) : undefined
  const action =
    digit === undefined
      ? keys[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      : () => {
          media.currentTime = ((media.duration || 0) * digit) / 10
        }
  action?.()
  return Boolean(action)
}
