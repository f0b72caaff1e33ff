import { StepError } from '../../base/errors.ts'
import { type Examined, examine } from './examine.ts'
import { frameLength } from './frame-length.ts'
import { pictureOf, soundOf } from './media-info.ts'
import type { Plan, Track } from './playback-plans.ts'
import { findFalseKeyFrame } from './random-access.ts'
import { findDecodingFault, type StrictDecoding } from './strict-decoding.ts'
import type { StreamTimes, Timeline } from './timeline.ts'

/** How much the start and the end of a rendition's sound may differ from the source's: encoders add up to two frames. */
const SOUND_TOLERANCE_S = 0.1
/** The clocks of containers are rounded. */
const CLOCK_TOLERANCE_S = 0.002
/** If our own encoder made a track, the check decodes only this share of it, at the end. */
const TAIL_SHARE = 0.1

export type TrackName = 'picture' | 'sound'

/** A rendition that failed its check. Not retryable, because the result would be the same. */
export class UnfitRendition extends StepError {
  /** The tracks that must not be copied into another rendition. */
  readonly tracks: readonly TrackName[]
  /** The members of `tracks` that cannot be decoded because the file is damaged. */
  readonly damaged: readonly TrackName[]

  constructor(fault: string, blame: { tracks?: readonly TrackName[]; damaged?: readonly TrackName[] } = {}) {
    const message = 'No rendition could be made that is as long as the source and in which players can seek.'
    super('rendition_differs', message, { retryable: false, cause: new Error(`the rendition ${fault}`) })
    this.tracks = blame.tracks ?? []
    this.damaged = blame.damaged ?? []
  }
}

/**
 * Checks that a source plays and seeks in browsers as it is.
 * @throws UnfitRendition
 */
export async function verifySource(
  path: string,
  plan: Plan,
  { info, timeline }: Examined,
  options: StrictDecoding,
): Promise<void> {
  // The header of a file that was cut off declares its old duration, and players would offer to seek beyond the end.
  const off = Math.abs((info.duration ?? 0) - (timeline.duration ?? 0))
  if (off > SOUND_TOLERANCE_S + frameLength(pictureOf(info))) {
    throw new UnfitRendition(`declares ${info.duration} s and holds ${timeline.duration} s`)
  }
  await checkTracks(path, { ...plan, timeline }, options)
}

/**
 * Checks that copied tracks are as long as the source's, that a browser can start at each key frame, and that the rendition can be decoded to
 * its end. The length of an encoded track is not compared, because it has everything that could be decoded. @throws UnfitRendition
 */
export async function verifyMade(
  path: string,
  plan: Plan,
  source: Examined,
  options: StrictDecoding,
): Promise<Examined> {
  const made = await examine(path, options.signal)
  const { info, layout, timeline } = made
  if (layout.plays !== plan.container) throw new UnfitRendition('has no index that browsers can seek by')
  const frame = frameLength(pictureOf(source.info)) + CLOCK_TOLERANCE_S
  if (plan.picture)
    compare('picture', plan.picture, { source: source.timeline, made: timeline, tolerance: frame })
  const tolerance = Math.max(frame, SOUND_TOLERANCE_S)
  if (plan.sound) compare('sound', plan.sound, { source: source.timeline, made: timeline, tolerance })
  const [picture, sound] = [pictureOf(info), soundOf(info)]
  const tracks = {
    picture: picture && { stream: picture, copy: plan.picture?.copy ?? false },
    sound: sound && { stream: sound, copy: plan.sound?.copy ?? false },
  }
  await checkTracks(path, { ...tracks, timeline }, options)
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
    const time = (times: StreamTimes) => `${times[what].toFixed(3)} s`
    throw new UnfitRendition(`has the ${what} of its ${name} at ${time(found)} instead of ${time(wanted)}`)
  }
}

interface CheckedTracks {
  readonly picture: Track | undefined
  readonly sound: Track | undefined
  readonly timeline: Timeline
}

async function checkTracks(
  path: string,
  { picture, sound, timeline }: CheckedTracks,
  options: StrictDecoding,
): Promise<void> {
  const faults: string[] = []
  const [tracks, damaged]: [Set<TrackName>, TrackName[]] = [new Set(), []]
  const falseKey = picture && (await findFalseKeyFrame(path, picture.stream, options.signal))
  if (falseKey) {
    faults.push(`cannot seek: ${falseKey}`)
    tracks.add('picture')
  }
  for (const [name, track] of Object.entries({ picture, sound }) as [TrackName, Track | undefined][]) {
    if (!track) continue
    const { last = 0 } = timeline[name] ?? {}
    // If there are few frames, all of them can lie before the tail.
    const tail = Math.max(0, Math.min((1 - TAIL_SHARE) * (timeline.duration ?? 0), last) - 0.001)
    const fault = await findDecodingFault(path, track.stream, { ...options, from: track.copy ? 0 : tail })
    if (!fault) continue
    faults.push(`has ${name} that cannot be decoded: ${fault}`)
    tracks.add(name)
    damaged.push(name)
  }
  if (faults.length > 0) throw new UnfitRendition(faults.join('; '), { tracks: [...tracks], damaged })
}
