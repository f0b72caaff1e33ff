import type { TrackKind } from '../../database/schema.ts'

/** What is known of a media file from looking into it. */
export interface MediaInfo {
  /** FFmpeg's names of the demuxer, such as `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string
  readonly brand: string | undefined
  /** Seconds that the file says it lasts; undefined where it does not say. It may lie: see timeline.ts. */
  readonly duration: number | undefined
  /** Seconds on the file's own clock at which it begins. */
  readonly start: number
  /** Pictures and sounds that are decoded, the picture and the sound that stand for the file first: see choose-streams.ts. */
  readonly streams: readonly MediaStream[]
  /** Everything in the file, in its order. */
  readonly tracks: readonly MediaStream[]
  readonly chapters: readonly ProbeChapter[]
}

export interface MediaStream {
  readonly kind: TrackKind
  /** Of the stream in its file, for selecting it. */
  readonly index: number
  readonly codec: string
  /** BCP 47 or ISO 639-2, as the file tells; undefined if it does not. */
  readonly language: string | undefined
  readonly title: string | undefined
  readonly isDefault: boolean
  readonly isForced: boolean
  /** Whether the file flags it as a commentary, a description or the like. */
  readonly isAside: boolean
  readonly profile: string | undefined
  /** Of H.264, ten times what its specification calls it: 41 is level 4.1. */
  readonly level: number | undefined
  /** Bits a second. */
  readonly bitRate: number | undefined
  /** Seconds on the file's own clock at which it begins. */
  readonly start: number | undefined

  readonly pixelFormat: string | undefined
  /** Pixels as displayed: after rotation, and with square pixels. */
  readonly width: number | undefined
  readonly height: number | undefined
  /** Degrees clockwise by which the picture is to be turned for display, 0 to 359. */
  readonly rotation: number
  /** Whether it is to be mirrored for display as well, which not all browsers do. */
  readonly mirrored: boolean
  /** Pictures a second, on average. */
  readonly frameRate: number | undefined
  readonly interlaced: boolean
  /** Whether its brightness is coded for HDR displays (PQ or HLG). */
  readonly hdr: boolean
  /** The profile of Dolby Vision. */
  readonly dolbyVision: number | undefined
  readonly colors: Colors

  readonly channels: number | undefined
  /** Samples a second. */
  readonly sampleRate: number | undefined
}

/** How colours are coded, by FFmpeg's names; undefined if the file does not tell. */
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

/** Pixels of a picture above which decoders and encoders are held short: a little more than 1080p has. */
const LARGE = 2_400_000

/** Whether what a decoder holds of a picture takes much memory. */
export function isLarge({ width = 0, height = 0 }: Pick<MediaStream, 'width' | 'height'>): boolean {
  return width * height > LARGE
}

/** What `ffprobe -of json` prints of a format and its streams, as far as it is read. */
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
/** What sets a sound apart from the film's own (dispositions of FFmpeg). */
const ASIDES = ['comment', 'descriptions', 'visual_impaired', 'karaoke', 'lyrics', 'dub', 'non_diegetic']
/** Characters of a track's title or language that are kept. */
const MAX_TITLE = 200
const MAX_LANGUAGE = 35

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
    title: plain(tags['title'], MAX_TITLE),
    isDefault: disposition['default'] === 1,
    isForced: disposition['forced'] === 1,
    isAside: ASIDES.some(name => disposition[name] === 1),
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

/** `und` says that nobody has said it (ISO 639-2). */
function languageOf(tag: string | undefined): string | undefined {
  const language = plain(tag, MAX_LANGUAGE)?.toLowerCase()
  return language === 'und' || !/^[a-z]{2,3}(-[a-z0-9-]+)?$/.test(language ?? '') ? undefined : language
}

/** What a file says of itself, on one line and of a bounded length. */
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
  // Of a matrix that shows nothing, no angle comes.
  const rotation = Math.abs(turned) <= 360 ? (((360 - Math.round(turned)) % 360) + 360) % 360 : 0
  const [a = 1, b = 0, , c = 0, d = 1] = [...displaymatrix.matchAll(/[-\d]+(?!\d*:)/g)].map(Number)
  return { rotation, mirrored: a * d - b * c < 0 }
}

/** A guess from the clock of a file without steady times, such as 1000 a second, is no frame rate. */
const MAX_GUESSED_RATE = 240

function frameRate({ avg_frame_rate, r_frame_rate }: ProbeStream): number | undefined {
  const guessed = ratio(r_frame_rate, '/')
  return ratio(avg_frame_rate, '/') ?? (guessed && guessed <= MAX_GUESSED_RATE ? guessed : undefined)
}

/** Width to height of one pixel; what nobody means is taken for a square. */
function pixelAspect(text: string | undefined): number {
  const aspect = ratio(text, ':') ?? 1
  return aspect > 0.1 && aspect < 10 ? aspect : 1
}

function ratio(text: string | undefined, sign: '/' | ':'): number | undefined {
  const [above, below] = (text ?? '').split(sign).map(Number)
  return above && below && above > 0 && below > 0 ? above / below : undefined
}

/** Some names say that there is none. */
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
