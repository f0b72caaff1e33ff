import type { TrackKind } from '../../database/tables/videos.ts'
import type { FileChapter, MediaInfo, MediaStream } from './media-info.ts'

/** The fields of ffprobe's JSON that we read. */
export interface ProbeOutput {
  readonly format?: {
    format_name?: string
    duration?: string
    start_time?: string
    tags?: Record<string, string>
  }
  readonly streams?: readonly ProbeStream[]
  readonly chapters?: readonly FileChapter[]
}

interface ProbeStream {
  index: number
  start_time?: string
  codec_type?: string
  codec_name?: string
  profile?: string
  level?: number
  bit_rate?: string
  pix_fmt?: string
  width?: number
  height?: number
  sample_aspect_ratio?: string
  avg_frame_rate?: string
  r_frame_rate?: string
  field_order?: string
  color_transfer?: string
  color_space?: string
  color_primaries?: string
  color_range?: string
  channels?: number
  sample_rate?: string
  disposition?: Partial<Record<string, number>>
  tags?: Record<string, string>
  side_data_list?: { rotation?: number; displaymatrix?: string; dv_profile?: number }[]
}

export function readMediaInfo({ format = {}, streams = [], chapters = [] }: ProbeOutput): MediaInfo {
  const tracks = streams.map(readStream)
  return {
    format: format.format_name ?? '',
    brand: format.tags?.['major_brand'],
    duration: positive(format.duration),
    start: Number(format.start_time) || 0,
    streams: [],
    tracks,
    chapters,
  }
}

const KINDS: readonly TrackKind[] = ['video', 'audio', 'subtitle', 'attachment']
/** FFmpeg's dispositions of audio streams other than the main one. */
const COMMENTARY_FLAGS = [
  'comment',
  'descriptions',
  'visual_impaired',
  'karaoke',
  'lyrics',
  'dub',
  'non_diegetic',
]
/** Longer tags are shortened to this many characters. */
const MAX_TITLE_LENGTH = 200
const MAX_LANGUAGE_LENGTH = 35

function kindOf({ codec_type, disposition }: ProbeStream): TrackKind {
  const kind = KINDS.find(each => each === codec_type) ?? 'data'
  return kind === 'video' && disposition?.['attached_pic'] ? 'image' : kind
}

function readStream(stream: ProbeStream): MediaStream {
  const { disposition = {}, tags = {} } = stream
  const kind = kindOf(stream)
  const { rotation, mirrored } = orientation(stream)
  const width = Math.round((stream.width ?? 0) * pixelAspect(stream.sample_aspect_ratio))
  const height = stream.height ?? 0
  const upright = rotation % 180 !== 90
  return {
    kind,
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    language: languageOf(tags['language']),
    title: singleLine(tags['title'], MAX_TITLE_LENGTH),
    isDefault: disposition['default'] === 1,
    isForced: disposition['forced'] === 1,
    isCommentary: COMMENTARY_FLAGS.some(name => disposition[name] === 1),
    profile: stream.profile === 'unknown' ? undefined : stream.profile,
    level: positive(stream.level),
    bitRate: positive(stream.bit_rate),
    start: finite(stream.start_time),
    pixelFormat: stream.pix_fmt,
    width: (upright ? width : height) || undefined,
    height: (upright ? height : width) || undefined,
    rotation,
    mirrored,
    frameRate: kind === 'video' ? frameRate(stream) : undefined,
    interlaced: /^(tt|bb|tb|bt)$/.test(stream.field_order ?? ''),
    hdr: stream.color_transfer === 'smpte2084' || stream.color_transfer === 'arib-std-b67',
    colors: {
      space: known(stream.color_space),
      primaries: known(stream.color_primaries),
      transfer: known(stream.color_transfer),
      range: known(stream.color_range),
    },
    dolbyVision: stream.side_data_list?.find(data => data.dv_profile !== undefined)?.dv_profile,
    channels: positive(stream.channels),
    sampleRate: positive(stream.sample_rate),
  }
}

/** `und` stands for an unknown language (ISO 639-2). */
function languageOf(tag: string | undefined): string | undefined {
  const language = singleLine(tag, MAX_LANGUAGE_LENGTH)?.toLowerCase()
  return language === 'und' || !/^[a-z]{2,3}(-[a-z0-9-]+)?$/.test(language ?? '') ? undefined : language
}

/** A tag of a file as one line of at most `maxLength` characters. */
export function singleLine(text: string | undefined, maxLength: number): string | undefined {
  const line = text
    ?.toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return line ? [...line].slice(0, maxLength).join('') : undefined
}

function orientation({ side_data_list = [] }: ProbeStream): Pick<MediaStream, 'rotation' | 'mirrored'> {
  const { rotation: turned = 0, displaymatrix = '' } =
    side_data_list.find(data => data.rotation !== undefined) ?? {}
  // A degenerate matrix has no angle.
  const rotation = Math.abs(turned) <= 360 ? (((360 - Math.round(turned)) % 360) + 360) % 360 : 0
  const [a = 1, b = 0, , c = 0, d = 1] = [...displaymatrix.matchAll(/[-\d]+(?!\d*:)/g)].map(Number)
  return { rotation, mirrored: a * d - b * c < 0 }
}

/** FFmpeg can mistake the resolution of a file's clock, such as 1000 per second, for a frame rate. */
const MAX_GUESSED_RATE_HZ = 240

function frameRate({ avg_frame_rate, r_frame_rate }: ProbeStream): number | undefined {
  const guessed = ratio(r_frame_rate, '/')
  return ratio(avg_frame_rate, '/') ?? (guessed && guessed <= MAX_GUESSED_RATE_HZ ? guessed : undefined)
}

/** Width to height of one pixel; an implausible value counts as square. */
function pixelAspect(text: string | undefined): number {
  const aspect = ratio(text, ':') ?? 1
  return aspect > 0.1 && aspect < 10 ? aspect : 1
}

function ratio(text: string | undefined, sign: '/' | ':'): number | undefined {
  const [above, below] = (text ?? '').split(sign).map(Number)
  return above && below && above > 0 && below > 0 ? above / below : undefined
}

/** Some names stand for a missing value. */
function known(name: string | undefined): string | undefined {
  return name && !['unknown', 'unspecified', 'reserved'].includes(name) ? name : undefined
}

function positive(value: string | number | undefined): number | undefined {
  const number = Number(value)
  return number > 0 ? number : undefined
}

function finite(value: string | undefined): number | undefined {
  const number = Number(value ?? Number.NaN)
  return Number.isFinite(number) ? number : undefined
}
