import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { StepError } from '../../base/errors.ts'
import type { StepNote } from '../../database/tables/steps.ts'
import { runFfmpeg } from '../programs/ffmpeg.ts'
import type { MadeFile, Step, StepContext, StepResult } from '../step.ts'
import { type Examined, examine } from './examine.ts'
import { isFileFault } from './file-faults.ts'
import { frameLength } from './frame-length.ts'
import { type MediaInfo, type MediaStream, pictureOf, soundOf } from './media-info.ts'
import { type Plan, playbackPlans } from './playback-plans.ts'
import { type Hold, renditionJob } from './rendition.ts'
import { isDecodable } from './strict-decoding.ts'
import { type TrackName, UnfitRendition, verifyMade, verifySource } from './verify-rendition.ts'

/** Makes a rendition that plays and seeks in every browser, by the cheapest plan that works. */
export const playback: Step = {
  stallTimeoutS: 300,
  run: context =>
    context.storage.withFile(context.video.storage_key, async path => {
      const examined = await examine(path, context.signal, context.video.streams)
      const { picture, sound } = examined.timeline
      const timed = [picture && pictureOf(examined.info), sound && soundOf(examined.info)]
      const source = { path, ...examined, info: withStreams(examined.info, timed) }
      try {
        return await tryInOrder(context, source)
      } catch (error) {
        if (!isFileFault(error) || source.info.streams.length < 2) throw error
        const good = await decodableStreams(source, context.signal)
        if (good.length !== 1) throw error
        const result = await tryInOrder(context, { ...source, info: withStreams(source.info, good) })
        return { ...result, notes: [...(result.notes ?? []), undecodable(good[0]!)] }
      }
    }),
}

interface Source extends Examined {
  readonly path: string
}

/** Tries the plans until the result of one passes the check. */
async function tryInOrder(context: StepContext, source: Source): Promise<StepResult> {
  let plans = playbackPlans(source.info, source.layout, source.timeline)
  const notes = new Map<string, StepNote>()
  for (;;) {
    const [plan, ...others] = plans
    try {
      const result = await tryPlan(context, source, plan!)
      for (const note of result.notes ?? []) notes.set(note.code, note)
      return { ...result, notes: [...notes.values()] }
    } catch (error) {
      if (!isFileFault(error)) throw error
      const { method, container, picture, sound, toneMap } = plan!
      const copied = [picture?.copy && 'picture', sound?.copy && 'sound'].filter(Boolean)
      context.log.info(
        { method, container, copied, tone_map: toneMap, error: error.message, cause: causeOf(error) },
        'a rendition failed its check',
      )
      plans = others
      if (error instanceof UnfitRendition) {
        const { tracks, damaged } = error
        plans = others.filter(other => tracks.every(track => !other[track]?.copy))
        for (const track of damaged) notes.set(damage(track).code, damage(track))
      }
      if (plans.length === 0) throw error
    }
  }
}

async function tryPlan(context: StepContext, source: Source, plan: Plan): Promise<StepResult> {
  const { directory, signal, progress } = context
  const total = source.timeline.duration ?? Number.POSITIVE_INFINITY
  if (plan.method === 'source') {
    const onTime = (seconds: number) => progress((99 * seconds) / total)
    await verifySource(source.path, plan, source, { signal, onTime })
    return { playback: 'source' }
  }
  const path = join(directory, `playback.${plan.container}`)
  const runOptions = { signal, onTime: (seconds: number) => progress((70 * seconds) / total) }
  const make = (hold?: Hold) =>
    runFfmpeg(renditionJob(source.path, path, plan, { timeline: source.timeline, hold }), runOptions)
  const { lines } = await make(lastFrame(source))
  const checkOptions = { signal, onTime: (seconds: number) => progress(70 + (29 * seconds) / total) }
  let made = await verifyMade(path, plan, source, checkOptions)
  const hold = missingEnd(source, plan, made)
  if (hold) {
    await make(hold)
    made = await verifyMade(path, plan, source, checkOptions)
  }
  return {
    playback: plan.method,
    files: [await describe(path, plan, made)],
    notes: notesOn(plan, lines),
  }
}

/** The last frame, if it lasts longer than the others. */
function lastFrame({ info, timeline }: Source): Hold | undefined {
  const picture = pictureOf(info)
  const times = timeline.picture
  if (!picture || !times || times.end - times.last <= 1.5 * frameLength(picture)) return undefined
  return { from: times.last, until: times.end }
}

/** If the last frames cannot be decoded, the frame before them is shown instead. */
function missingEnd(source: Source, { picture }: Plan, made: Examined): Hold | undefined {
  const [wanted, found] = [source.timeline.picture, made.timeline.picture]
  if (!picture || picture.copy || !wanted || !found) return undefined
  const short = wanted.end - found.end > frameLength(picture.stream)
  return short ? { from: found.last, until: wanted.end } : undefined
}

function withStreams(info: MediaInfo, streams: readonly (MediaStream | undefined)[]): MediaInfo {
  return { ...info, streams: info.streams.filter(stream => streams.includes(stream)) }
}

async function decodableStreams({ path, info }: Source, signal: AbortSignal): Promise<MediaStream[]> {
  const good: MediaStream[] = []
  for (const stream of [pictureOf(info), soundOf(info)]) {
    if (stream && (await isDecodable(path, stream, signal))) good.push(stream)
  }
  return good
}

/** ffmpeg's messages about packets that it could not read or decode. */
const DAMAGE = /Error while decoding stream|concealing \d+ DC|corrupt decoded frame|corrupt input packet/
/** The index of the stream in such a message. */
const STREAM = /stream (?:#\d+:)?(\d+)/

function notesOn({ picture, sound, toneMap }: Plan, lines: readonly string[]): StepNote[] {
  const faults = lines.filter(line => DAMAGE.test(line))
  const ofSound = faults.filter(line => Number(STREAM.exec(line)?.[1] ?? Number.NaN) === sound?.stream.index)
  const pale = picture?.stream.hdr && !picture.copy && !toneMap
  return [
    ...(faults.length > ofSound.length ? [damage('picture')] : []),
    ...(ofSound.length > 0 ? [damage('sound')] : []),
    ...(pale ? [PALE] : []),
  ]
}

const PALE: StepNote = {
  code: 'not_tone_mapped',
  message: 'The HDR colours look pale: they could not be converted for standard displays.',
}

function damage(track: TrackName): StepNote {
  return { code: `damaged_${track}`, message: `The ${track} is damaged in places.` }
}

function undecodable({ kind }: MediaStream): StepNote {
  const lost = kind === 'video' ? 'sound' : 'picture'
  return { code: `undecodable_${lost}`, message: `The ${lost} is missing: none of it can be decoded.` }
}

function causeOf(error: StepError): string | undefined {
  return error.cause instanceof Error ? error.cause.message.slice(-1000) : undefined
}

async function describe(path: string, { container, method }: Plan, made: Examined): Promise<MadeFile> {
  const { info, timeline } = made
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
