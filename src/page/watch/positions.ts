const KEY = 'longtake-positions'
/** Older positions are forgotten first. */
const MAX_POSITIONS = 200
/** A position nearer to the beginning or the end is not worth keeping. */
const MARGIN_S = 5

/** Seconds by video id, the oldest first. */
type Positions = readonly (readonly [id: string, seconds: number])[]

/** The time at which playback of a video stopped in this browser, in seconds; undefined if it did not begin or has ended. */
export function positionOf(id: string): number | undefined {
  return load().find(([each]) => each === id)?.[1]
}

/** Keeps the position in this browser, or forgets it near the beginning and the end. @param duration seconds */
export function keepPosition(id: string, seconds: number, duration: number): void {
  const others = load().filter(([each]) => each !== id)
  const isWithin = seconds > MARGIN_S && seconds < duration - MARGIN_S
  const kept = isWithin ? [...others, [id, Math.floor(seconds * 10) / 10] as const] : others
  try {
    localStorage.setItem(KEY, JSON.stringify(kept.slice(-MAX_POSITIONS)))
  } catch {
    // A full or forbidden storage only means that the video begins at its beginning.
  }
}

function load(): Positions {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(stored) ? stored : []
  } catch {
    return []
  }
}
