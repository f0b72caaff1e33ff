export interface PlayerActions {
  readonly toggle: () => void
  readonly fullscreen: () => void
  readonly captions: () => void
  /** @param step 1 faster, -1 slower. */
  readonly speed: (step: number) => void
}

/** Seconds. */
const SHORT = 5
/** Seconds. */
const LONG = 10

/** The keys that video players share, unless they are meant for something that has the focus. @returns whether it was one. */
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
    j: jump(-LONG),
    l: jump(LONG),
    m: () => {
      media.muted = !media.muted
    },
    c: actions.captions,
    f: actions.fullscreen,
    '<': () => actions.speed(-1),
    '>': () => actions.speed(1),
    // Keys that move or press what has the focus are its own.
    ...(!isControl && { ' ': actions.toggle, ArrowLeft: jump(-SHORT), ArrowRight: jump(SHORT) }),
    ...(!isControl && focused.closest('.player') && { ArrowUp: louder(0.1), ArrowDown: louder(-0.1) }),
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
