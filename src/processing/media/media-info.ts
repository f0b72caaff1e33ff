import type { TrackKind } from '../../database/tables/videos.ts'

/** The contents of a media file, as its headers describe them. */
export interface MediaInfo {
  /** FFmpeg's names of the demuxer, such as `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string
  readonly brand: string | undefined
  /** Seconds that the file declares; undefined if it declares none. It may be wrong: see timeline.ts. */
  readonly duration: number | undefined
  /** Its first time on the file's own clock, in seconds. */
  readonly start: number
  /** Pictures and sounds that can be decoded. The chosen ones come first: see choose-streams.ts. */
  readonly streams: readonly MediaStream[]
  /** All tracks, in the file's order. */
  readonly tracks: readonly MediaStream[]
  readonly chapters: readonly ProbeChapter[]
}

export interface MediaStream {
  readonly kind: TrackKind
  /** The stream's number in its file. */
  readonly index: number
  readonly codec: string
  /** BCP 47 or ISO 639-2, as in the file. */
  readonly language: string | undefined
  readonly title: string | undefined
  readonly isDefault: boolean
  readonly isForced: boolean
  /** Whether the file flags it as a commentary, an audio description or the like. */
  readonly isCommentary: boolean
  readonly profile: string | undefined
  /** For H.264, ten times the level: 41 is level 4.1. */
  readonly level: number | undefined
  /** Bits per second. */
  readonly bitRate: number | undefined
  /** Its first time on the file's own clock, in seconds. */
  readonly start: number | undefined

  readonly pixelFormat: string | undefined
  /** Pixels as displayed: after rotation, and with square pixels. */
  readonly width: number | undefined
  readonly height: number | undefined
  /** Degrees clockwise by which a player must rotate the picture, 0 to 359. */
  readonly rotation: number
  /** Whether a player must also mirror it, which not all browsers do. */
  readonly mirrored: boolean
  /** Frames per second, on average. */
  readonly frameRate: number | undefined
  readonly interlaced: boolean
  /** Whether its transfer function is one of HDR (PQ or HLG). */
  readonly hdr: boolean
  /** The profile of Dolby Vision. */
  readonly dolbyVision: number | undefined
  readonly colors: Colors

  readonly channels: number | undefined
  /** Samples per second. */
  readonly sampleRate: number | undefined
}

/** The coding of colours, in FFmpeg's names; undefined if the file has no tag. */
export interface Colors {
  readonly space: string | undefined
  readonly primaries: string | undefined
  readonly transfer: string | undefined
  readonly range: string | undefined
}

export function pictureOf(info: MediaInfo): MediaStream | undefined {
  return info.streams.find(stream => stream.kind === 'video')
}

export function soundOf(info: MediaInfo): MediaStream | undefined {
  return info.streams.find(stream => stream.kind === 'audio')
}

/** A little more than 1080p. For larger pictures, decoders and encoders get fewer threads. */
const LARGE_PIXELS = 2_400_000

/** Whether decoding the picture takes much memory. */
export function isLarge({ width = 0, height = 0 }: Pick<MediaStream, 'width' | 'height'>): boolean {
  return width * height > LARGE_PIXELS
}

/** The fields of ffprobe's JSON that are read. */
export interface ProbeOutput {
  readonly format?: {
    format_name?: string
    duration?: string
    start_time?: string
    tags?: Record<string, string>
  }
  readonly streams?: readonly ProbeStream[]
  readonly chapters?: readonly ProbeChapter[]
}

export interface ProbeChapter {
  /** Seconds on the file's own clock. */
  readonly start_time?: string
  readonly end_time?: string
  readonly tags?: Record<string, string>
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
/** FFmpeg's dispositions of sounds that are not the film's own. */
const COMMENTARY_FLAGS = [
  'comment',
  'descriptions',
  'visual_impaired',
  'karaoke',
  'lyrics',
  'dub',
  'non_diegetic',
]
/** Characters that are kept. */
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
    title: plain(tags['title'], MAX_TITLE_LENGTH),
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
  const language = plain(tag, MAX_LANGUAGE_LENGTH)?.toLowerCase()
  return language === 'und' || !/^[a-z]{2,3}(-[a-z0-9-]+)?$/.test(language ?? '') ? undefined : language
}

/** A file's own tag as one line of a bounded length. */
export function plain(text: string | undefined, most: number): string | undefined {
  const line = text
    ?.toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return line ? [...line].slice(0, most).join('') : undefined
}

function orientation({ side_data_list = [] }: ProbeStream): Pick<MediaStream, 'rotation' | 'mirrored'> {
  const { rotation: turned = 0, displaymatrix = '' } =
    side_data_list.find(data => data.rotation !== undefined) ?? {}
  // A degenerate matrix has no angle.
  const rotation = Math.abs(turned) <= 360 ? (((360 - Math.round(turned)) % 360) + 360) % 360 : 0
  const [a = 1, b = 0, , c = 0, d = 1] = [...displaymatrix.matchAll(/[-\d]+(?!\d*:)/g)].map(Number)
  return { rotation, mirrored: a * d - b * c < 0 }
}

/** FFmpeg's guess from a file's clock, such as 1000 per second, is no frame rate. */
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

/** Some names mean that there is no value. */
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
