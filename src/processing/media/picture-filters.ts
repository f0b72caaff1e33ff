import { MAX_RATE_HZ } from './frame-length.ts'
import type { Colors, MediaStream } from './media-info.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** The nearest even length in pixels, at least 2: YUV 4:2:0 needs even sizes. */
export function evenLength(length: number): number {
  return Math.max(2, 2 * Math.round(length / 2))
}

export interface PictureFilterOptions {
  /** Whether an HDR picture is converted for standard displays. */
  readonly toneMap: boolean
  /** Whether the result becomes a JPEG: BT.601 in the full range (JFIF 1.02). */
  readonly jpeg?: boolean
}

/** From this height on, browsers assume BT.709 for a picture without colour tags, below it BT.601. */
const HD_LINES = 720

/** Filters that turn a decoded picture into one of the given size. ffmpeg applies the rotation before them. */
export function pictureFilters(
  stream: MediaStream,
  { width, height }: Size,
  { toneMap, jpeg = false }: PictureFilterOptions,
): readonly string[] {
  // Some containers round times to milliseconds, so both limits are a little tolerant.
  const tooFast = (stream.frameRate ?? 0) > MAX_RATE_HZ + 1
  const colors = colorFilters(stream, { toneMap, jpeg })
  return [
    ...(stream.interlaced ? ['bwdif=mode=send_frame'] : []),
    ...(tooFast ? [`select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,${0.9 / MAX_RATE_HZ})'`] : []),
    [`scale=${width}:${height}`, ...colors.scaling].join(':'),
    ...colors.after,
    'setsar=1',
    jpeg ? 'format=yuvj420p' : 'format=yuv420p',
  ]
}

/** Options of the scaling filter for the conversion of colours, and the filters after it. */
interface ColorFilters {
  readonly scaling: readonly string[]
  readonly after: readonly string[]
}

/** JFIF has one matrix and one range. */
const TO_JPEG = ['out_color_matrix=bt601', 'out_range=pc']

function colorFilters(stream: MediaStream, { toneMap, jpeg }: Required<PictureFilterOptions>): ColorFilters {
  const { colors, pixelFormat = '' } = stream
  const toJpeg = jpeg ? [`scale=in_color_matrix=bt709:${TO_JPEG.join(':')}`] : []
  if (toneMap) return { scaling: [], after: [assume(colors), ...TONE_MAP, ...toJpeg] }
  const rgb = /^(rgb|bgr|gbr|argb|abgr|pal8|0rgb|0bgr)/.test(pixelFormat)
  if (!jpeg) {
    // The tags of RGB are wrong after the conversion.
    if (rgb) return { scaling: ['out_color_matrix=bt709', 'out_range=tv'], after: [`setparams=${BT709}`] }
    return { scaling: ['out_range=tv'], after: [] }
  }
  const wide = colors.primaries === 'bt2020' || colors.primaries === 'smpte432'
  if (wide && !rgb && !stream.hdr) return { scaling: [], after: [assume(colors), TO_BT709, ...toJpeg] }
  const guess = (stream.height ?? 0) >= HD_LINES ? 'bt709' : 'bt601'
  return { scaling: [...(colors.space || rgb ? [] : [`in_color_matrix=${guess}`]), ...TO_JPEG], after: [] }
}

const BT709 = 'colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv'

/** Adds missing colour tags with the usual values for such a picture. */
function assume({ space, primaries, transfer, range }: Colors): string {
  const missing = [
    ...(space ? [] : ['colorspace=bt2020nc']),
    ...(primaries ? [] : ['color_primaries=bt2020']),
    ...(transfer ? [] : ['color_trc=bt709']),
    ...(range ? [] : ['range=tv']),
  ]
  return missing.length > 0 ? `setparams=${missing.join(':')}` : 'null'
}

/** For colours beyond BT.709 in a picture that is not HDR. */
const TO_BT709 = 'zscale=p=bt709:t=bt709:m=bt709:r=tv'

/** Maps HDR to the range of a standard display; without it HDR looks washed out. */
const TONE_MAP = [
  'zscale=t=linear:npl=100:p=bt709',
  'format=gbrpf32le',
  'tonemap=tonemap=hable:desat=0',
  'zscale=t=bt709:m=bt709:r=tv',
]
