/**
 * The codecs that are decoded, and some that are refused although FFmpeg 5.1 has a decoder for them. Everything else is refused too,
 * because decoders read untrusted files. A codec is on the list if people use it and its decoder is simple, or was fuzzed and used for
 * years without a series of memory errors.
 */

type Kind = 'video' | 'audio' | 'subtitle'

/** ffprobe's names of codecs; after `=`, the names of their decoders if they differ. */
const DECODED: Readonly<Record<Kind, string>> = {
  video: `
    h264 hevc vp8=vp8,libvpx vp9=vp9,libvpx-vp9 av1=libdav1d,libaom-av1,av1
    mpeg1video=mpeg1video,mpegvideo mpeg2video=mpeg2video,mpegvideo mpeg4 msmpeg4v1 msmpeg4v2 msmpeg4v3=msmpeg4
    h261 h263 h263p h263i flv1=flv wmv1 wmv2 wmv3 vc1 theora vp3 vp6 vp6a vp6f rv10 rv20 rv30 rv40 svq1 svq3
    prores dnxhd cfhd mjpeg mjpegb ljpeg=mjpeg jpeg2000=jpeg2000,libopenjpeg dvvideo
    ffv1 ffvhuff huffyuv utvideo fraps
    rawvideo v210 v308 v408 v410 r10k r210 y41p yuv4 avui
    cinepak msvideo1 msrle tscc=camtasia cscd=camstudio zmbv qtrle rpza smc 8bps aasc
    gif apng png bmp webp`,
  audio: `
    aac aac_latm mp1=mp1,mp1float mp2=mp2,mp2float mp3=mp3,mp3float opus=opus,libopus vorbis=vorbis,libvorbis
    ac3 eac3 dts=dca truehd mlp
    flac alac wavpack tta ape wmalossless dsd_lsbf dsd_msbf dsd_lsbf_planar dsd_msbf_planar
    wmav1 wmav2 wmapro wmavoice musepack7=mpc7 musepack8=mpc8 cook sipr ra_144=real_144 ra_288=real_288
    amr_nb=amrnb,libopencore_amrnb amr_wb=amrwb,libopencore_amrwb gsm=gsm,libgsm gsm_ms=gsm_ms,libgsm_ms
    speex=speex,libspeex nellymoser truespeech qcelp evrc mace3 mace6 dvaudio s302m
    adpcm_ms adpcm_ima_wav adpcm_ima_qt adpcm_ima_amv adpcm_ima_oki adpcm_ima_ws adpcm_swf adpcm_yamaha adpcm_adx adpcm_ct
    adpcm_g722=g722 adpcm_g726=g726 adpcm_g726le=g726le
    pcm_alaw pcm_mulaw pcm_u8 pcm_s8 pcm_s8_planar pcm_u16le pcm_u16be pcm_s16le pcm_s16be pcm_s16le_planar pcm_s16be_planar
    pcm_u24le pcm_u24be pcm_s24le pcm_s24be pcm_s24le_planar pcm_u32le pcm_u32be pcm_s32le pcm_s32be pcm_s32le_planar
    pcm_s64le pcm_s64be pcm_f32le pcm_f32be pcm_f64le pcm_f64be pcm_dvd pcm_bluray pcm_vidc`,
  subtitle: `
    subrip=subrip,srt ass=ass,ssa mov_text webvtt text eia_608=cc_dec
    dvd_subtitle=dvdsub dvb_subtitle=dvbsub hdmv_pgs_subtitle=pgssub xsub dvb_teletext=libzvbi_teletextdec`,
}

const MEMORY_ERRORS = 'its decoder has a history of memory errors'
const RARE = 'rare, and its decoder is little tested'

/** Refused codecs that people may ask for, with the reason. Codecs in neither list are refused as rare. */
export const REFUSED: Readonly<Record<Exclude<Kind, 'subtitle'>, Readonly<Record<string, string>>>> = {
  video: {
    magicyuv: 'its decoder in FFmpeg 5.1 writes outside of its memory (CVE-2026-8461)',
    exr: MEMORY_ERRORS,
    indeo2: MEMORY_ERRORS,
    indeo3: MEMORY_ERRORS,
    indeo4: MEMORY_ERRORS,
    indeo5: MEMORY_ERRORS,
    lagarith: MEMORY_ERRORS,
    flashsv: RARE,
    flashsv2: MEMORY_ERRORS,
    g2m: MEMORY_ERRORS,
    mss1: RARE,
    mss2: RARE,
    tscc2: RARE,
    hap: RARE,
    dxv: RARE,
    dirac: RARE,
    snow: RARE,
    speedhq: RARE,
    smackvideo: MEMORY_ERRORS,
    binkvideo: RARE,
  },
  audio: {
    qdm2: MEMORY_ERRORS,
    shorten: MEMORY_ERRORS,
    mp4als: MEMORY_ERRORS,
    tak: RARE,
    ralf: RARE,
    dst: RARE,
    atrac3: RARE,
    atrac3p: RARE,
    dolby_e: RARE,
    roq_dpcm: RARE,
    sonic: RARE,
    twinvq: RARE,
  },
}

interface Decoded {
  readonly codec: string
  readonly kind: Kind
  readonly decoders: readonly string[]
}

export const CODECS: readonly Decoded[] = (Object.keys(DECODED) as Kind[]).flatMap(kind =>
  DECODED[kind]
    .trim()
    .split(/\s+/)
    .map(entry => {
      const [codec = '', decoders = codec] = entry.split('=')
      return { codec, kind, decoders: decoders.split(',') }
    }),
)

const NAMES = new Set(CODECS.map(({ codec }) => codec))

/** @param codec as ffprobe names it. */
export function isDecoded(codec: string): boolean {
  return NAMES.has(codec)
}

/** The reason why a codec is not decoded, as part of a sentence. */
export function whyRefused(kind: 'video' | 'audio', codec: string): string {
  return REFUSED[kind][codec] ?? RARE
}

/** The decoders that may run, for FFmpeg's option `-codec_whitelist`. */
export const DECODERS = [...new Set(CODECS.flatMap(({ decoders }) => decoders))].join()
