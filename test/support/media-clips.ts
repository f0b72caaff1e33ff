import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { cached, ffmpeg } from './clips.ts'

const PICTURE = (size: string, seconds: number, rate = 10) => [
  ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`],
]
const SOUND = (seconds: number) => [
  '-f',
  'lavfi',
  '-i',
  `sine=frequency=440:sample_rate=48000:duration=${seconds}`,
]
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '20']
const HEVC = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error']
const AAC = ['-c:a', 'aac']
const HDR = [
  ...['-vf', 'format=yuv420p10le', '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params'],
  'log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc',
  ...['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'],
]
const both = (size = '160x120') => [...PICTURE(size, 4), ...SOUND(4)]

/** What people upload, tiny: ffmpeg's arguments by the name of the file. */
const RECIPES = {
  'plays.mp4': [...both(), ...H264, ...AAC, '-movflags', '+faststart'],
  'plays.webm': [...both(), '-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'],
  'index-last.mp4': [...both(), ...H264, ...AAC],
  'fragmented.mp4': [...both(), ...H264, ...AAC, '-movflags', '+frag_keyframe+empty_moov'],
  'camera.mov': [...both(), ...H264, ...AAC],
  'broadcast.ts': [...both(), ...H264, ...AAC],
  'interlaced.ts': [...both('320x240'), ...H264, '-flags', '+ilme+ildct', '-top', '1', ...AAC],
  'studio.mov': [...both(), ...H264, '-c:a', 'pcm_s16le'],
  'old.avi': [...both(), '-c:v', 'mpeg4', '-c:a', 'libmp3lame'],
  'hevc.mkv': [...both(), ...HEVC, ...AAC],
  'av1.mkv': [...both(), '-c:v', 'libsvtav1', '-preset', '12', '-c:a', 'libopus'],
  'hdr.mp4': [...PICTURE('160x120', 2), ...HDR],
  'portrait-4k.mkv': [...PICTURE('2160x3840', 1, 5), ...HEVC],
  'odd.mkv': [...PICTURE('160x120', 2), '-vf', 'scale=161:121', ...H264.with(5, 'yuv444p')],
  'fast.mkv': [...PICTURE('160x120', 2, 120), ...HEVC],
  'gap.mkv': [...PICTURE('160x120', 20), '-vf', "select='lt(t\\,2)+gt(t\\,17)'", '-vsync', 'vfr', ...HEVC],
  'anamorphic.mkv': [...PICTURE('144x120', 2), '-vf', 'setsar=4/3', ...HEVC],
  'song.mp3': [...SOUND(4), '-c:a', 'libmp3lame'],
  'song.ogg': [...SOUND(4), '-c:a', 'libopus'],
  'memo.m4a': [...SOUND(4), ...AAC],
  'memo.wma': [...SOUND(4), '-c:a', 'wmav2'],
  'tape.wav': [...SOUND(4)],
  'meeting.wav': ['-f', 'lavfi', '-i', `aevalsrc=${'0|'.repeat(9)}0.5*sin(2765*t):duration=2`],
  'chime.flac': [...SOUND(1)],
  'open-gop.mp4': [
    ...PICTURE('160x120', 6, 25),
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
    ...['-x264-params', 'open-gop=1:keyint=25:bframes=3:scenecut=0:b-adapt=0'],
  ],
  'intra-refresh.mkv': [
    ...PICTURE('160x120', 4, 25),
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'],
    ...['-x264-params', 'intra-refresh=1:keyint=25'],
  ],
  'vp9-aac.mkv': [...both(), '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', ...AAC],
  'hevc.ts': [...PICTURE('160x120', 8, 25), ...HEVC.with(5, 'log-level=error:keyint=50:open-gop=1')],
  'mpeg4.ts': [...PICTURE('160x120', 8, 25), '-c:v', 'mpeg4', '-g', '50'],
  'mpeg2.ts': [...both(), '-r', '25', '-c:v', 'mpeg2video', '-bf', '2', '-g', '12', '-c:a', 'mp2'],
  'slideshow.mkv': [...PICTURE('160x120', 20, 0.2), ...SOUND(6), '-c:v', 'mpeg4', '-c:a', 'ac3'],
  'one-fragment.mp4': [
    ...both(),
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '1000', ...AAC],
    ...['-movflags', '+empty_moov', '-frag_duration', '60000000'],
  ],
  'segments.mp4': [
    ...both(),
    ...H264,
    ...AAC,
    ...['-movflags', '+frag_keyframe+delay_moov+global_sidx+default_base_moof'],
  ],
  'moment.mp4': [...PICTURE('160x120', 1), '-frames:v', '1', ...H264],
} as const satisfies Record<string, readonly string[]>

export type MediaClip = keyof typeof RECIPES
export const MEDIA_CLIPS = Object.keys(RECIPES) as MediaClip[]

/** One of many kinds of files that people upload, 1 to 4 s long. Do not write to it. */
export function mediaClip(name: MediaClip): Promise<string> {
  const extension = name.replace(/.*\./, '')
  return cached(extension, ['media', name, RECIPES[name]], path => ffmpeg([...RECIPES[name], path]))
}

/** A film that is black but for what a recipe shows, in seconds; MP4. */
export function blackClip(
  shown?: { readonly from: number; readonly to: number },
  seconds = 8,
): Promise<string> {
  const inputs = ['-f', 'lavfi', '-i', `testsrc2=size=160x120:rate=10:duration=${seconds}`]
  const enabled = shown ? `not(between(t\\,${shown.from}\\,${shown.to}))` : '1'
  const filter = `drawbox=color=black:t=fill:enable='${enabled}'`
  return cached('mp4', ['black', shown, seconds], path => ffmpeg([...inputs, '-vf', filter, ...H264, path]))
}

/** Red for 2 s, then blue for 4 s, with sound: what is cut off can be told from what is not. */
const TWO_COLORS = [
  ...[
    '-f',
    'lavfi',
    '-i',
    "color=red:size=160x120:rate=25:duration=6,drawbox=color=blue:t=fill:enable='gte(t,2)'",
  ],
  ...SOUND(6),
]
const CUTS = {
  head: { file: 'mp4', from: 2.3 },
  'both ends': { file: 'mov', from: 2.3, seconds: 2 },
  'head, HEVC': { file: 'mp4', from: 2.3, codec: HEVC },
  'head, HLG': {
    file: 'mp4',
    from: 2.3,
    codec: [...HDR].map(word => word.replaceAll('smpte2084', 'arib-std-b67')),
  },
  'head, in fragments': { file: 'mp4', from: 2.3, options: ['-movflags', '+frag_keyframe+delay_moov'] },
} as const

export type Cut = keyof typeof CUTS
export const CUT_CLIPS = Object.keys(CUTS) as Cut[]

/** A film that was trimmed between key frames as telephones do it: by an edit list, with all of the media still there. */
export function trimmedClip(cut: Cut): Promise<string> {
  const {
    file,
    from,
    seconds = 10,
    codec = [...H264.slice(0, -1), '50', '-bf', '2'],
    options = [],
  }: CutRecipe = CUTS[cut]
  return cached(file, ['trimmed', CUTS[cut], TWO_COLORS], async path => {
    const whole = await cached('mp4', ['two colours', codec], before =>
      ffmpeg([...TWO_COLORS, ...codec, ...AAC, before]),
    )
    await ffmpeg(['-ss', String(from), '-t', String(seconds), '-i', whole, '-c', 'copy', ...options, path])
  })
}

interface CutRecipe {
  readonly file: string
  readonly from: number
  readonly seconds?: number
  readonly codec?: readonly string[]
  readonly options?: readonly string[]
}

/** A film whose last picture is shown for 6 s of 10. */
export function lastingClip(codec: 'libx264' | 'mpeg4'): Promise<string> {
  return cached('mp4', ['lasting', codec, 'bf 2, with pts'], async path => {
    const film = await cached('mp4', ['lasting', codec, 'bf 2', 'film'], before =>
      ffmpeg([...PICTURE('160x120', 4, 25), '-c:v', codec, '-bf', '2', '-pix_fmt', 'yuv420p', before]),
    )
    const last = "setts=pts=PTS:dts=DTS:duration='if(eq(N,99),6.04/TB,DURATION)'"
    await ffmpeg(['-i', film, '-c', 'copy', '-bsf:v', last, path])
  })
}

/** A copy without the bytes before a share of the file, as a recorder that was switched on in the middle writes it. */
export function begunClip(name: MediaClip, share: number): Promise<string> {
  return cached(name.replace(/.*\./, ''), ['begun', name, share, RECIPES[name]], async path => {
    const bytes = await readFile(await mediaClip(name))
    await writeFile(path, bytes.subarray(Math.floor((share * bytes.length) / 188) * 188))
  })
}

/** A copy with bytes that are overwritten from a share of the media on. */
export function damagedClip(name: MediaClip, share: number, bytes = 120): Promise<string> {
  return cached(name.replace(/.*\./, ''), ['damaged', name, share, bytes, RECIPES[name]], async path => {
    const file = await readFile(await mediaClip(name))
    const media = Math.max(0, file.indexOf('mdat')) + 4
    file.fill(
      0xa5,
      media + Math.floor(share * (file.length - media)),
      media + Math.floor(share * (file.length - media)) + bytes,
    )
    await writeFile(path, file)
  })
}

/** Large pictures in an old codec, for `repeats` times 2 s: it takes a while to encode them anew. */
export function slowClip(repeats: number): Promise<string> {
  return cached('avi', ['slow', repeats], async path => {
    const once = await cached('avi', ['slow'], short =>
      ffmpeg([...PICTURE('1280x720', 2, 25), '-c:v', 'mpeg4', '-q:v', '8', short]),
    )
    await ffmpeg(['-stream_loop', String(repeats - 1), '-i', once, '-c', 'copy', path])
  })
}

const UPRIGHT = [0, 1, 0, -1, 0, 0, 120, 0]
const MIRRORED = [-1, 0, 0, 0, 1, 0, 160, 0]

/** A film as a telephone held upright makes it, or a mirror: pictures, and a matrix that turns them (ISO/IEC 14496-12 §8.3.2). */
export async function turnedClip(how: 'upright' | 'mirrored' = 'upright'): Promise<string> {
  const lying = await mediaClip('camera.mov')
  return cached('mov', ['turned', how, RECIPES['camera.mov']], async path => {
    const bytes = await readFile(lying)
    for (let at = bytes.indexOf('tkhd'); at >= 0; at = bytes.indexOf('tkhd', at + 4)) {
      if (bytes.readUInt32BE(at + 80) === 0) continue
      for (const [index, value] of (how === 'upright' ? UPRIGHT : MIRRORED).entries())
        bytes.writeInt32BE(value * 2 ** 16, at + 44 + index * 4)
    }
    await writeFile(path, bytes)
  })
}

/** A copy of an MP4 whose headers tell another duration than its packets, by a factor (ISO/IEC 14496-12 §8.2.2, §8.3.2, §8.4.2). */
export function lyingClip(path: string, factor: number): Promise<string> {
  return cached('mp4', ['lying', basename(path), factor], async lying => {
    const bytes = await readFile(path)
    for (const [box, offset] of Object.entries({ mvhd: 20, tkhd: 24, mdhd: 20 })) {
      for (let at = bytes.indexOf(box); at >= 0; at = bytes.indexOf(box, at + 4)) {
        // A file in fragments has 0 there, and tells in none of them how long it is.
        const told = bytes.readUInt32BE(at + offset) || 4000
        bytes.writeUInt32BE(Math.min(Math.round(told * factor), 2 ** 32 - 1), at + offset)
      }
    }
    await writeFile(lying, bytes)
  })
}
