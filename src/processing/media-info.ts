/** What is known of a media file from looking into it. */
export interface MediaInfo {
  /** FFmpeg's names of the demuxer, such as `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string
  readonly brand: string | undefined
  /** Seconds that the file says it lasts; undefined where it does not say. It may lie: see timeline.ts. */
  readonly duration: number | undefined
  /** Seconds on the file's own clock at which it begins. */
  readonly start: number
  /** Pictures and sounds, without cover art. */
  readonly streams: readonly MediaStream[]
}

export interface MediaStream {
  readonly kind: 'video' | 'audio'
  /** Of the stream in its file, for selecting it. */
  readonly index: number
  readonly codec: string
  readonly profile: string | undefined
  /** Of H.264, ten times what its specification calls it: 41 is level 4.1. */
  readonly level: number | undefined
  /** Bits a second. */
  readonly bitRate: number | undefined

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

  readonly channels: number | undefined
  /** Samples a second. */
  readonly sampleRate: number | undefined
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
}

interface ProbeStream {
  index: number
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
  channels?: number
  sample_rate?: string
  disposition?: { attached_pic?: number }
  side_data_list?: { rotation?: number; displaymatrix?: string }[]
}

export function readMediaInfo({ format = {}, streams = [] }: ProbeOutput): MediaInfo {
  return {
    format: format.format_name ?? '',
    brand: format.tags?.['major_brand'],
    duration: positive(format.duration),
    start: Number(format.start_time) || 0,
    streams: streams.flatMap(readStream),
  }
}

function readStream(stream: ProbeStream): MediaStream[] {
  const { codec_type: kind, codec_name: codec } = stream
  if (!codec || codec === 'unknown' || (kind !== 'audio' && kind !== 'video')) return []
  if (stream.disposition?.attached_pic) return []
  const { rotation, mirrored } = orientation(stream)
  const width = Math.round((stream.width ?? 0) * pixelAspect(stream.sample_aspect_ratio))
  const height = stream.height ?? 0
  const upright = rotation % 180 !== 90
  return [
    {
      kind,
      index: stream.index,
      codec,
      profile: stream.profile === 'unknown' ? undefined : stream.profile,
      level: positive(stream.level),
      bitRate: positive(stream.bit_rate),
      pixelFormat: stream.pix_fmt,
      width: (upright ? width : height) || undefined,
      height: (upright ? height : width) || undefined,
      rotation,
      mirrored,
      frameRate: kind === 'video' ? frameRate(stream) : undefined,
      interlaced: /^(tt|bb|tb|bt)$/.test(stream.field_order ?? ''),
      hdr: stream.color_transfer === 'smpte2084' || stream.color_transfer === 'arib-std-b67',
      channels: positive(stream.channels),
      sampleRate: positive(stream.sample_rate),
    },
  ]
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

function positive(value: string | number | undefined): number | undefined {
  const number = Number(value)
  return number > 0 ? number : undefined
}
