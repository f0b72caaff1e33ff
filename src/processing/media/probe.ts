import { pipeline } from 'node:stream/promises'
import { StepError } from '../../base/errors.ts'
import { sha256Stream } from '../../base/hash.ts'
import type { StepNote } from '../../database/tables/steps.ts'
import type { Step, StepContext } from '../step.ts'
import { chaptersOf, extractCaptions } from './embedded-captions.ts'
import { type MediaInfo, type MediaStream, pictureOf, soundOf } from './media-info.ts'
import { preferAudible } from './prefer-audible.ts'
import { notesOn, streamFacts, unsupportedCodec } from './stream-facts.ts'
import { isDecodable } from './strict-decoding.ts'
import { examine, type Timeline } from './timeline.ts'

/** The progress when the audible sound is found; the rest is the hash. */
const LISTENING_PERCENT = 20

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
      const options = { signal, onTime: (seconds: number) => progress((LISTENING_PERCENT * seconds) / total) }
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
      // If the codec of a sound or a picture is refused, the step fails with the reason instead.
      skip: {
        ...((sound ? !timeline.sound : !unsupportedCodec(info, 'audio')) && { audio: 'no_audio' }),
        ...((picture ? !timeline.picture : !unsupportedCodec(info, 'video')) && { poster: 'no_video' }),
      },
    }
  },
}

/** Streams whose beginning is decoded, at most: a broadcast can announce thousands that do not exist. */
const MAX_TRIED_STREAMS = 16

/** Whether any stream can be decoded. Video that is too large to be decoded here, such as 8K with many reference pictures, still counts: others can play it. */
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

/** Removes the rounding errors of sums of packet times. @returns seconds, to a microsecond. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6
}

function endsEarly(found: number, declared: number): StepNote {
  const seconds = (value: number) => `${Math.round(value * 10) / 10} s`
  const message = `This file ends early: ${seconds(found)} of ${seconds(declared)}.`
  return { code: 'ends_early', message }
}

function nothingDecoded(info: MediaInfo): StepError {
  const unsupported = unsupportedCodec(info, 'video') ?? unsupportedCodec(info, 'audio')
  if (unsupported) return unsupported
  const stills = info.tracks.length > 0 && info.tracks.every(({ kind }) => kind === 'image')
  const message = stills
    ? 'The file is a still picture, not a video.'
    : 'There is no video or audio in the file that can be decoded.'
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
        progress(LISTENING_PERCENT + ((100 - LISTENING_PERCENT) * done) / video.size)
        yield chunk
      }
    },
    hash,
    { signal },
  )
  return hash.digest('hex')
}

/** Media types by demuxer, for video and for sound alone. */
const TYPES: Readonly<Record<string, readonly [video: string, audio: string]>> = {
  mov: ['video/mp4', 'audio/mp4'],
  matroska: ['video/x-matroska', 'audio/x-matroska'],
  avi: ['video/x-msvideo', 'video/x-msvideo'],
  mpegts: ['video/mp2t', 'video/mp2t'],
  mpeg: ['video/mpeg', 'video/mpeg'],
  flv: ['video/x-flv', 'video/x-flv'],
  asf: ['video/x-ms-wmv', 'audio/x-ms-wma'],
  ogg: ['video/ogg', 'audio/ogg'],
  wav: ['audio/wav', 'audio/wav'],
  mp3: ['audio/mpeg', 'audio/mpeg'],
  aac: ['audio/aac', 'audio/aac'],
  flac: ['audio/flac', 'audio/flac'],
  gif: ['image/gif', 'image/gif'],
  apng: ['image/apng', 'image/apng'],
  mpegvideo: ['video/mpeg', 'video/mpeg'],
}

const WEBM_CODECS = ['vp8', 'vp9', 'av1', 'opus', 'vorbis']

function contentType(info: MediaInfo): string {
  const demuxer = info.format.split(',')[0] ?? ''
  const kind = info.streams.some(stream => stream.kind === 'video') ? 0 : 1
  if (demuxer === 'mov' && info.brand?.trim() === 'qt') return 'video/quicktime'
  if (demuxer === 'matroska' && info.streams.every(stream => WEBM_CODECS.includes(stream.codec))) {
    return kind === 0 ? 'video/webm' : 'audio/webm'
  }
  return TYPES[demuxer]?.[kind] ?? 'application/octet-stream'
}

/** The usual name of the container; one of FFmpeg's demuxers can stand for several. */
function containerName(info: MediaInfo): string {
  const type = contentType(info)
  const [demuxer = ''] = info.format.split(',')
  if (demuxer === 'mov') return type === 'video/quicktime' ? 'mov' : 'mp4'
  return demuxer === 'matroska' && type.endsWith('webm') ? 'webm' : demuxer
}
