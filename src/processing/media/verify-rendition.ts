import { StepError } from '../../base/errors.ts'
import { frameLength } from './frame-length.ts'
import { pictureOf, soundOf } from './media-info.ts'
import type { Rung, Track } from './playback-plans.ts'
import { findFalseKey } from './random-access.ts'
import { findDecodingFault, type StrictDecoding } from './strict-decoding.ts'
import { type Examined, examine, type StreamTimes, type Timeline } from './timeline.ts'

/**
 * Seconds by which the sound of a rendition may begin or end sooner or later than the source's: an encoder puts up to two of its frames
 * before and fills the last one up.
 */
const SOUND_TOLERANCE_S = 0.1
/** Seconds that the clocks of containers round off. */
const CLOCK_TOLERANCE_S = 0.002
/** The share at the end of a track that is decoded again, if our own encoder made it. */
const TAIL_SHARE = 0.1

export type TrackName = 'picture' | 'sound'

/** A rendition that does not hold. Not retryable: the same would come of it. */
export class UnfitRendition extends StepError {
  /** The tracks that no rendition can take over as they are. */
  readonly tracks: readonly TrackName[]
  /** Those of them that do not decode, which is a fault of the file. */
  readonly damaged: readonly TrackName[]

  constructor(how: string, blame: { tracks?: readonly TrackName[]; damaged?: readonly TrackName[] } = {}) {
    const message = 'No rendition could be made that lasts as long as the source and seeks.'
    super('rendition_differs', message, { retryable: false, cause: new Error(`the rendition ${how}`) })
    this.tracks = blame.tracks ?? []
    this.damaged = blame.damaged ?? []
  }
}

/**
 * Proves that a source plays and seeks in browsers as it is.
 * @throws UnfitRendition
 */
export async function verifySource(
  path: string,
  rung: Rung,
  { info, timeline }: Examined,
  options: StrictDecoding,
): Promise<void> {
  // Where a file was cut off, its header still tells of all that there was, and players offer to jump to what is not there.
  const off = Math.abs((info.duration ?? 0) - (timeline.duration ?? 0))
  if (off > SOUND_TOLERANCE_S + frameLength(pictureOf(info))) {
    throw new UnfitRendition(`declares ${info.duration} s and holds ${timeline.duration} s`)
  }
  await proveTracks(path, { ...rung, timeline }, options)
}

/**
 * Proves that a rendition lasts as long as its source, as far as its tracks are copies, that a browser can begin at each of its key
 * frames, and that it decodes to its end. What was encoded holds all that could be decoded. @throws UnfitRendition
 */
export async function verifyMade(
  path: string,
  rung: Rung,
  source: Examined,
  options: StrictDecoding,
): Promise<Examined> {
  const made = await examine(path, options.signal)
  const { info, layout, timeline } = made
  if (layout.plays !== rung.container) throw new UnfitRendition('has no index that browsers can seek by')
  const frame = frameLength(pictureOf(source.info)) + CLOCK_TOLERANCE_S
  if (rung.picture)
    compare('picture', rung.picture, { source: source.timeline, made: timeline, tolerance: frame })
  const tolerance = Math.max(frame, SOUND_TOLERANCE_S)
  if (rung.sound) compare('sound', rung.sound, { source: source.timeline, made: timeline, tolerance })
  const [picture, sound] = [pictureOf(info), soundOf(info)]
  const tracks = {
    picture: picture && { stream: picture, copy: rung.picture?.copy ?? false },
    sound: sound && { stream: sound, copy: rung.sound?.copy ?? false },
  }
  await proveTracks(path, { ...tracks, timeline }, options)
  return made
}

interface Compared {
  readonly source: Timeline
  readonly made: Timeline
  /** Seconds. */
  readonly tolerance: number
}

function compare(name: TrackName, track: Track, { source, made, tolerance }: Compared): void {
  const [wanted, found] = [source[name], made[name]]
  if (!wanted) return
  if (!found) throw new UnfitRendition(`has no ${name}`, { tracks: [name] })
  if (!track.copy) return
  for (const what of ['first', name === 'picture' ? 'last' : 'end', 'end'] as const) {
    if (Math.abs(wanted[what] - found[what]) <= tolerance) continue
    const told = (times: StreamTimes) => `${times[what].toFixed(3)} s`
    throw new UnfitRendition(`has the ${what} of its ${name} at ${told(found)} instead of ${told(wanted)}`)
  }
}

interface Proven {
  readonly picture: Track | undefined
  readonly sound: Track | undefined
  readonly timeline: Timeline
}

async function proveTracks(
  path: string,
  { picture, sound, timeline }: Proven,
  options: StrictDecoding,
): Promise<void> {
  const faults: string[] = []
  const [tracks, damaged]: [Set<TrackName>, TrackName[]] = [new Set(), []]
  const falseKey = picture && (await findFalseKey(path, picture.stream, options.signal))
  if (falseKey) {
    faults.push(`cannot be sought in: ${falseKey}`)
    tracks.add('picture')
  }
  for (const [name, track] of Object.entries({ picture, sound }) as [TrackName, Track | undefined][]) {
    if (!track) continue
    const { last = 0 } = timeline[name] ?? {}
    // Few pictures can all lie before the tail.
    const tail = Math.max(0, Math.min((1 - TAIL_SHARE) * (timeline.duration ?? 0), last) - 0.001)
    const fault = await findDecodingFault(path, track.stream, { ...options, from: track.copy ? 0 : tail })
    if (!fault) continue
    faults.push(`has ${name} that does not decode: ${fault}`)
    tracks.add(name)
    damaged.push(name)
  }
  if (faults.length > 0) throw new UnfitRendition(faults.join('; '), { tracks: [...tracks], damaged })
}
