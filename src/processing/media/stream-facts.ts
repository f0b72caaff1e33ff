import { StepError } from '../../base/errors.ts'
import type { StepNote } from '../../database/tables/steps.ts'
import type { StreamFacts } from '../../database/tables/videos.ts'
import { isDecoded, whyRefused } from '../programs/codecs.ts'
import { companionsOf } from './choose-streams.ts'
import { type MediaInfo, type MediaStream, pictureOf, soundOf } from './media-info.ts'

/** All tracks of a file, as the catalogue stores them. */
export function streamFacts(info: MediaInfo, edited: readonly number[]): StreamFacts[] {
  const [picture, sound] = [pictureOf(info), soundOf(info)]
  const selected = [picture?.index, sound?.index]
  const transcribed = sound ? [sound, ...companionsOf(sound, info)].map(({ index }) => index) : []
  return info.tracks.map(track => {
    const isSelected = selected.includes(track.index)
    return {
      index: track.index,
      kind: isSelected && track.kind === 'image' ? 'video' : track.kind,
      codec: track.codec,
      supported: isDecoded(track.codec),
      language: track.language ?? null,
      title: track.title ?? null,
      default: track.isDefault,
      forced: track.isForced,
      selected: isSelected,
      trimmed: edited.includes(track.index),
      transcribed: transcribed.includes(track.index),
      dolby_vision_profile: track.dolbyVision ?? null,
      profile: track.profile ?? null,
      pixel_format: track.pixelFormat ?? null,
      width: track.width ?? null,
      height: track.height ?? null,
      frame_rate: track.frameRate ?? null,
      channels: track.channels ?? null,
      sample_rate: track.sampleRate ?? null,
      bit_rate: track.bitRate ?? null,
    }
  })
}

/** The failure of a step that needs video or audio, if the file has it only in codecs that we do not decode. */
export function unsupportedCodec(info: MediaInfo, kind: 'video' | 'audio'): StepError | undefined {
  if (info.streams.some(stream => stream.kind === kind)) return undefined
  const refused = info.tracks.find(track => track.kind === kind)
  if (!refused) return undefined
  return new StepError('unsupported_codec', explain(kind, refused), { retryable: false })
}

function explain(kind: 'video' | 'audio', { codec }: MediaStream): string {
  const track = kind === 'video' ? 'picture' : 'sound'
  return `The ${track} is coded as ${codec}, which is not decoded: ${whyRefused(kind, codec)}.`
}

/** Profile 5 has no base layer that other decoders can show in the right colours (Dolby Vision Profiles and Levels, §2). */
const DOLBY_VISION_ONLY_PROFILE = 5

/** Notes about the streams, for the owner of the file. */
export function notesOn(info: MediaInfo): StepNote[] {
  const unsupported = (['video', 'audio'] as const).flatMap(kind => {
    const error = unsupportedCodec(info, kind)
    return error ? [{ code: 'unsupported_codec' as const, message: error.message }] : []
  })
  if (pictureOf(info)?.dolbyVision !== DOLBY_VISION_ONLY_PROFILE) return unsupported
  const message =
    'The picture is Dolby Vision profile 5, which has no standard colours: the colours of the rendition and the poster are wrong.'
  return [...unsupported, { code: 'dolby_vision_5', message }]
}
