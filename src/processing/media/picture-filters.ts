import { MAX_RATE } from './frame-length.ts'
import type { Colors, MediaStream } from './media-info.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

export interface PictureFilterOptions {
  /** Whether an HDR picture is brought to what ordinary displays show. */
  readonly toneMap: boolean
  /** Whether the result becomes a JPEG, whose colours are coded by BT.601 in the full range (JFIF 1.02). */
  readonly jpeg?: boolean
}

/** Lines from which on browsers take a picture that does not tell its colours for BT.709, and not BT.601. */
const HD_LINES = 720

/** From a decoded picture to one of a size. ffmpeg turns the picture by itself, before these. */
export function pictureFilters(
  stream: MediaStream,
  { width, height }: Size,
  { toneMap, jpeg = false }: PictureFilterOptions,
): readonly string[] {
  // Times are rounded to milliseconds in some containers: a little less than the interval will do.
  const tooFast = (stream.frameRate ?? 0) > MAX_RATE + 1
  const colors = colorFilters(stream, { toneMap, jpeg })
  return [
    ...(stream.interlaced ? ['bwdif=mode=send_frame'] : []),
    ...(tooFast ? [`select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,${0.9 / MAX_RATE})'`] : []),
    [`scale=${width}:${height}`, ...colors.scaling].join(':'),
    ...colors.after,
    'setsar=1',
    jpeg ? 'format=yuvj420p' : 'format=yuv420p',
  ]
}

/** How colours are converted: options of the filter that scales, and filters behind it. */
interface ColorFilters {
  readonly scaling: readonly string[]
  readonly after: readonly string[]
}

/** JFIF knows one matrix and one range. */
const TO_JPEG = ['out_color_matrix=bt601', 'out_range=pc']

function colorFilters(stream: MediaStream, { toneMap, jpeg }: Required<PictureFilterOptions>): ColorFilters {
  const { colors, pixelFormat = '' } = stream
  const toJpeg = jpeg ? [`scale=in_color_matrix=bt709:${TO_JPEG.join(':')}`] : []
  if (toneMap) return { scaling: [], after: [assume(colors), ...TONE_MAP, ...toJpeg] }
  const rgb = /^(rgb|bgr|gbr|argb|abgr|pal8|0rgb|0bgr)/.test(pixelFormat)
  if (!jpeg) {
    // What was RGB carries its tags on, which do not fit any more.
    if (rgb) return { scaling: ['out_color_matrix=bt709', 'out_range=tv'], after: [`setparams=${BT709}`] }
    return { scaling: ['out_range=tv'], after: [] }
  }
  const wide = colors.primaries === 'bt2020' || colors.primaries === 'smpte432'
  if (wide && !rgb && !stream.hdr) return { scaling: [], after: [assume(colors), TO_BT709, ...toJpeg] }
  const guess = (stream.height ?? 0) >= HD_LINES ? 'bt709' : 'bt601'
  return { scaling: [...(colors.space || rgb ? [] : [`in_color_matrix=${guess}`]), ...TO_JPEG], after: [] }
}

const BT709 = 'colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv'

/** Tags that the file leaves out, as they are in all files of the kind that it is. */
function assume({ space, primaries, transfer, range }: Colors): string {
  const missing = [
    ...(space ? [] : ['colorspace=bt2020nc']),
    ...(primaries ? [] : ['color_primaries=bt2020']),
    ...(transfer ? [] : ['color_trc=bt709']),
    ...(range ? [] : ['range=tv']),
  ]
  return missing.length > 0 ? `setparams=${missing.join(':')}` : 'null'
}

/** Colours beyond BT.709 of a picture that is not HDR. */
const TO_BT709 = 'zscale=p=bt709:t=bt709:m=bt709:r=tv'

/** From the light that is meant to that of an ordinary display; without it HDR looks washed out. */
const TONE_MAP = [
  'zscale=t=linear:npl=100:p=bt709',
  'format=gbrpf32le',
  'tonemap=tonemap=hable:desat=0',
  'zscale=t=bt709:m=bt709:r=tv',
]
