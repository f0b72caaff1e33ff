import { pipeline } from 'node:stream/promises'
import { StepError } from '../../base/errors.ts'
import { sha256Stream } from '../../base/hash.ts'
import type { StepNote } from '../../database/tables/steps.ts'
import type { Step, StepContext } from '../step.ts'
import { containerName, contentType } from './content-type.ts'
import { chaptersOf, extractCaptions } from './embedded-captions.ts'
import { examine } from './examine.ts'
import { type MediaInfo, type MediaStream, pictureOf, soundOf } from './media-info.ts'
import { preferAudible } from './prefer-audible.ts'
import { notesOn, streamFacts, unsupportedCodec } from './stream-facts.ts'
import { isDecodable } from './strict-decoding.ts'
import type { Timeline } from './timeline.ts'

/** The progress after the search for an audible stream. Hashing the source is the rest. */
const SEARCH_PERCENT = 20

/** Finds out what the source contains, and hashes it. */
export const probe: Step = {
  stallTimeoutS: 180,
  async run({ video, storage, directory, signal, progress }) {
    const { info, timeline, duration, captions } = await storage.withFile(video.storage_key, async path => {
      const { info: found, timeline } = await examine(path, signal)
      if (found.streams.length === 0) throw nothingDecoded(found)
      const usable = await isUsable(path, found, timeline, signal)
      if (!usable) throw nothingDecoded(found)
      const duration = timeline.duration ?? found.duration
      const total = duration ?? Number.POSITIVE_INFINITY
      const options = { signal, onTime: (seconds: number) => progress((SEARCH_PERCENT * seconds) / total) }
      const info = await preferAudible(path, found, duration, options)
      return { info, timeline, duration, captions: await extractCaptions(path, info, directory, options) }
    })
    const picture = pictureOf(info)
    const sound = soundOf(info)
    return {
      facts: {
        content_type: contentType(info),
        sha256: await hashSource({ video, storage, signal, progress }),
        container: containerName(info),
        duration: duration === undefined ? null : rounded(duration),
        declared_duration: timeline.declared ?? null,
        width: picture?.width ?? null,
        height: picture?.height ?? null,
        rotation: picture?.rotation ?? null,
        frame_rate: picture?.frameRate ?? null,
        bit_rate: duration ? Math.round((8 * video.size) / duration) : null,
        video_codec: picture?.codec ?? null,
        audio_codec: sound?.codec ?? null,
        streams: streamFacts(info, timeline.edited),
        chapters: chaptersOf(info, duration),
      },
      files: captions.files,
      notes: [
        ...notesOn(info),
        ...captions.notes,
        ...(timeline.declared ? [endsEarly(duration ?? 0, timeline.declared)] : []),
      ],
      // If a codec is refused, the step is not skipped: it fails with the reason.
      skip: {
        ...((sound ? !timeline.sound : !unsupportedCodec(info, 'audio')) && { audio: 'no_audio' }),
        ...((picture ? !timeline.picture : !unsupportedCodec(info, 'video')) && { poster: 'no_video' }),
      },
    }
  },
}

/** Limit of streams whose beginning is decoded: a broadcast can announce thousands that do not exist. */
const MAX_TRIED_STREAMS = 16

/** Whether any stream can be decoded. This includes video that is too large to be decoded here, such as 8K with many reference frames. */
async function isUsable(
  path: string,
  info: MediaInfo,
  { duration }: Timeline,
  signal: AbortSignal,
): Promise<boolean> {
  const isKnown = ({ width, sampleRate }: MediaStream) => width !== undefined || sampleRate !== undefined
  const knownFirst = info.streams.toSorted((a, b) => Number(isKnown(b)) - Number(isKnown(a)))
  for (const stream of knownFirst.slice(0, MAX_TRIED_STREAMS)) {
    const decodable = await isDecodable(path, stream, signal).catch(error => {
      if (error instanceof StepError && error.code === 'too_much') return duration !== undefined
      throw error
    })
    if (decodable) return true
  }
  return false
}

/** Removes rounding errors from sums of packet times. @returns seconds, rounded to a microsecond. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6
}

function endsEarly(found: number, declared: number): StepNote {
  const seconds = (value: number) => `${Math.round(value * 10) / 10} s`
  const message = `This file ends early: it has ${seconds(found)} of the declared ${seconds(declared)}.`
  return { code: 'ends_early', message }
}

function nothingDecoded(info: MediaInfo): StepError {
  const unsupported = unsupportedCodec(info, 'video') ?? unsupportedCodec(info, 'audio')
  if (unsupported) return unsupported
  const stills = info.tracks.length > 0 && info.tracks.every(({ kind }) => kind === 'image')
  const message = stills
    ? 'The file is a still picture, not a video.'
    : 'The file contains no video or audio that can be decoded.'
  return new StepError('unsupported_media', message, { retryable: false })
}

async function hashSource(
  context: Pick<StepContext, 'video' | 'storage' | 'signal' | 'progress'>,
): Promise<string> {
  const { video, storage, signal, progress } = context
  const hash = sha256Stream()
  let done = 0
  await pipeline(
    await storage.read(video.storage_key),
    async function* (source) {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        done += chunk.byteLength
        progress(SEARCH_PERCENT + ((100 - SEARCH_PERCENT) * done) / video.size)
        yield chunk
      }
    },
    hash,
    { signal },
  )
  return hash.digest('hex')
}
