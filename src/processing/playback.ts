import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../errors.ts'
import { runFfmpeg } from './ffmpeg.ts'
import { isDecodable } from './inspect.ts'
import { ladder, type Rung } from './ladder.ts'
import { type MediaInfo, pictureOf, soundOf } from './media-info.ts'
import { renditionJob } from './rendition.ts'
import type { MadeFile, Step, StepContext, StepResult } from './step.ts'
import { examine, type Timeline } from './timeline.ts'

/**
 * Seconds by which the sound of a rendition may end sooner or later than the source's: an encoder puts up to two of its frames before
 * and fills the last one up.
 */
const SOUND_TOLERANCE = 0.1
/** Seconds that a picture lasts where the file does not tell. */
const USUAL_FRAME = 1 / 24
/** The share of damaged media that may be missing from what was made of the rest. */
const DAMAGE = 0.1

/** Makes sure that there is something that plays and seeks in every browser: the cheapest rung of the ladder that holds. */
export const playback: Step = {
  patience: 300,
  run: context =>
    context.storage.withFile(context.video.storage_key, async source => {
      const { info, layout, timeline } = await examine(source, context.signal, context.video.streams)
      const rungs = ladder(info, layout)
      let failure: StepError | undefined
      for (const [index, rung] of rungs.entries()) {
        try {
          return await climb(context, source, rung, { info, timeline, last: index === rungs.length - 1 })
        } catch (error) {
          if (!(error instanceof StepError) || error.retryable) throw error
          context.log.info(
            { method: rung.method, container: rung.container, error: error.message },
            'a rendition does not hold',
          )
          failure = error
        }
      }
      throw failure
    }),
}

interface Source {
  readonly info: MediaInfo
  readonly timeline: Timeline
  /** Whether there is no other way left. */
  readonly last: boolean
}

async function climb(context: StepContext, source: string, rung: Rung, about: Source): Promise<StepResult> {
  const { directory, signal, progress } = context
  const total = about.timeline.duration ?? Number.POSITIVE_INFINITY
  if (rung.method === 'source') {
    proveHonest(about)
    await proveSeekable(source, about.info, about.timeline, signal)
    return { playback: 'source' }
  }
  const path = join(directory, `playback.${rung.container}`)
  const onTime = (seconds: number) => progress((99 * seconds) / total)
  await runFfmpeg(renditionJob(source, path, rung), { signal, onTime })
  const made = await verify(path, rung, about, signal)
  return { playback: rung.method, files: [await describe(path, rung, made)] }
}

/** @throws StepError `rendition_differs` where a rendition is not as long as its source, or does not seek. */
async function verify(path: string, rung: Rung, { info, timeline, last }: Source, signal: AbortSignal) {
  const { info: made, layout, timeline: found } = await examine(path, signal)
  if (layout.plays !== rung.container) throw differs('has no index that browsers can seek by')
  const frame = 1 / Math.min(pictureOf(info)?.frameRate ?? 1 / USUAL_FRAME, 60)
  // A frame, and what the clocks of containers round off.
  const picture = short(timeline.picture?.last, found.picture?.last, frame + 0.002)
  const sound = short(timeline.sound?.end, found.sound?.end, Math.max(frame, SOUND_TOLERANCE))
  // Beside a picture, sound that goes on for longer is no loss.
  const lost = timeline.picture ? Math.max(picture, sound) : sound
  // What is damaged in the source cannot be in what was made of the rest.
  const excused = last && lost > 0 && lost <= DAMAGE * (timeline.duration ?? 0)
  if (lost !== 0 && !excused)
    throw differs(`lasts ${found.duration} s, and the source ${timeline.duration} s`)
  await proveSeekable(path, made, found, signal)
  return { info: made, timeline: found }
}

/** @returns seconds that are missing, below zero where there are too many, 0 within the tolerance. */
function short(wanted: number | undefined, found: number | undefined, tolerance: number): number {
  if (wanted === undefined) return 0
  const missing = wanted - (found ?? 0)
  return Math.abs(missing) <= tolerance ? 0 : missing
}

/** Where a file was cut off, its header still tells of all that there was, and players offer to jump to what is not there. */
function proveHonest({ info, timeline }: Source): void {
  const { duration: told = 0 } = info
  if (short(told, timeline.duration, SOUND_TOLERANCE + USUAL_FRAME) !== 0) throw differs(`tells of ${told} s`)
}

/** Proves each stream by itself: half a frame of sound at the end makes players give up as well as half a picture does. */
async function proveSeekable(path: string, info: MediaInfo, timeline: Timeline, signal: AbortSignal) {
  const { duration = 0 } = timeline
  const proofs = [
    { stream: pictureOf(info), last: timeline.picture?.last },
    { stream: soundOf(info), last: timeline.sound?.last },
  ]
  for (const { stream, last = 0 } of proofs) {
    if (!stream) continue
    // Few pictures can all lie before the last tenth.
    const from = Math.max(0, Math.min(0.9 * duration, last) - 0.001)
    if (!(await isDecodable(path, { ...info, streams: [stream] }, signal, from))) {
      throw differs(`has no ${stream.kind} in its last tenth that decodes`)
    }
  }
}

function differs(how: string): StepError {
  return new StepError(
    'rendition_differs',
    'No rendition could be made that lasts as long as the source and seeks.',
    {
      retryable: false,
      cause: new Error(`the rendition ${how}`),
    },
  )
}

async function describe(
  path: string,
  { container, method }: Rung,
  { info, timeline }: { info: MediaInfo; timeline: Timeline },
): Promise<MadeFile> {
  const picture = pictureOf(info)
  const { size } = await stat(path)
  return {
    kind: 'playback',
    path,
    extension: `.${container}`,
    contentType: `${picture ? 'video' : 'audio'}/${container}`,
    details: {
      method,
      duration: timeline.duration,
      width: picture?.width,
      height: picture?.height,
      codecs: info.streams.map(stream => stream.codec),
      size,
    },
  }
}
