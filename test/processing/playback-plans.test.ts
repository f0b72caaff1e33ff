import t from 'tap'
import type { ContainerLayout } from '../../src/processing/media/container-layout.ts'
import type { MediaInfo, MediaStream } from '../../src/processing/media/media-info.ts'
import { type Plan, playbackPlans } from '../../src/processing/media/playback-plans.ts'

const stream = (facts: Partial<MediaStream>): MediaStream => ({
  kind: 'video',
  index: 0,
  codec: 'h264',
  language: undefined,
  title: undefined,
  isDefault: false,
  isForced: false,
  isCommentary: false,
  profile: undefined,
  level: undefined,
  bitRate: undefined,
  start: undefined,
  pixelFormat: undefined,
  width: undefined,
  height: undefined,
  rotation: 0,
  mirrored: false,
  frameRate: 25,
  interlaced: false,
  hdr: false,
  dolbyVision: undefined,
  colors: { space: undefined, primaries: undefined, transfer: undefined, range: undefined },
  channels: undefined,
  sampleRate: undefined,
  ...facts,
})
const picture = (facts: Partial<MediaStream> = {}) =>
  stream({ profile: 'High', pixelFormat: 'yuv420p', level: 40, width: 1920, height: 1080, ...facts })
const vp8 = picture({ codec: 'vp8', profile: '0' })
const vp9 = picture({ codec: 'vp9', profile: 'Profile 0' })
const sound = (codec: string, profile?: string) => stream({ kind: 'audio', index: 1, codec, profile })
const aac = sound('aac', 'LC')

const mp4: ContainerLayout = { plays: 'mp4', indexed: true }
const webm: ContainerLayout = { plays: 'webm', indexed: true }
const other: ContainerLayout = { plays: undefined, indexed: true }

/** A plan as text: `c` is a copied track, `e` an encoded one; the picture comes first. */
const inShort = ({ method, container, picture, sound, toneMap }: Plan) =>
  `${method} ${container} ${[picture, sound].map(track => (track ? (track.copy ? 'c' : 'e') : '-')).join('')}${toneMap ? ' toned' : ''}`
let seconds = 10
const plans = (layout: ContainerLayout, ...streams: MediaStream[]) => {
  const info: MediaInfo = {
    format: '',
    brand: undefined,
    duration: seconds,
    start: 0,
    streams,
    tracks: streams,
    chapters: [],
  }
  return playbackPlans(info, layout).map(inShort)
}

t.test('the source comes first, then a remux, then encoding', async t => {
  const all = ['source mp4 cc', 'remux mp4 cc', 'transcode mp4 ce', 'transcode mp4 ec', 'transcode mp4 ee']
  t.same(plans(mp4, picture(), aac), all)
  t.same(plans(mp4, picture(), sound('mp3')), all)
  t.same(plans(mp4, picture({ rotation: 90 }), aac), all, 'players apply the rotation')
  t.same(plans(mp4, picture()), ['source mp4 c-', 'remux mp4 c-', 'transcode mp4 e-'])
  for (const good of [vp8, vp9]) {
    for (const codec of ['opus', 'vorbis'])
      t.same(plans(webm, good, sound(codec)), [
        'source webm cc',
        'remux webm cc',
        'transcode webm ce',
        'transcode mp4 ee',
      ])
  }
})

t.test('tracks are copied if only the index or the container is wrong', async t => {
  const anew = ['transcode mp4 ce', 'transcode mp4 ec', 'transcode mp4 ee']
  const inWebm = ['remux webm cc', 'transcode webm ce', 'transcode mp4 ee']
  t.same(plans(other, picture(), aac), ['remux mp4 cc', ...anew])
  t.same(plans(other, vp9, sound('opus')), inWebm)
  t.same(plans(mp4, vp9, sound('opus')), inWebm, 'the MP4 of a browser recording')
  t.same(plans(webm, picture(), aac), ['remux mp4 cc', ...anew])
})

t.test('a track that fits is copied, even if the other one does not fit', async t => {
  for (const codec of ['opus', 'ac3', 'pcm_s16le', 'dts'])
    t.same(plans(other, picture(), sound(codec)), ['transcode mp4 ce', 'transcode mp4 ee'], codec)
  t.same(plans(other, picture(), sound('aac', 'Main')), ['transcode mp4 ce', 'transcode mp4 ee'])
  t.same(plans(other, vp9, aac), ['transcode webm ce', 'transcode mp4 ee'])
  t.same(plans(other, picture({ codec: 'hevc' }), aac), ['transcode mp4 ec', 'transcode mp4 ee'])
})

t.test('pictures that some browsers cannot show are encoded', async t => {
  const unfit: Record<string, Partial<MediaStream>> = {
    HEVC: { codec: 'hevc' },
    AV1: { codec: 'av1' },
    '10 bit': { profile: 'High 10', pixelFormat: 'yuv420p10le' },
    '4:2:2': { profile: 'High 4:2:2', pixelFormat: 'yuv422p' },
    '4:4:4': { profile: 'High 4:4:4 Predictive', pixelFormat: 'yuv444p' },
    interlaced: { interlaced: true },
    'of a level that telephones lack': { level: 60 },
    '8K': { width: 7680, height: 4320 },
    'turned by an angle that is not straight': { rotation: 45 },
    mirrored: { mirrored: true },
    'VP9 of 10 bit': { codec: 'vp9', profile: 'Profile 2' },
    'VP9 that is turned': { codec: 'vp9', profile: 'Profile 0', rotation: 90 },
  }
  for (const [name, facts] of Object.entries(unfit)) {
    for (const layout of [mp4, webm]) t.same(plans(layout, picture(facts)), ['transcode mp4 e-'], name)
  }
  const hdr = picture({ codec: 'hevc', hdr: true })
  t.same(
    plans(mp4, hdr),
    ['transcode mp4 e- toned', 'transcode mp4 e-'],
    'without tone mapping, if ffmpeg cannot do it',
  )
})

t.test('plans for audio without video', async t => {
  const plays = (as: ContainerLayout['plays'], codec: string, profile?: string) =>
    plans({ plays: as, indexed: true }, sound(codec, profile))[0]
  t.equal(plays('mp3', 'mp3'), 'source mp4 -c')
  t.equal(plays('flac', 'flac'), 'source mp4 -c')
  t.equal(plays('wav', 'pcm_s16le'), 'source mp4 -c')
  t.equal(plays('mp4', 'aac', 'LC'), 'source mp4 -c')
  t.equal(plays('webm', 'opus'), 'source webm -c')
  t.equal(plays(undefined, 'opus'), 'remux webm -c', 'Safari does not play Ogg')
  t.equal(plays(undefined, 'aac', 'LC'), 'remux mp4 -c')
  seconds = 1
  t.equal(plays('flac', 'flac'), 'transcode mp4 -e', 'too short for Chrome to seek in')
  for (const codec of ['wmav2', 'alac', 'ac3']) t.equal(plays(undefined, codec), 'transcode mp4 -e')
  t.equal(plays('mp4', 'alac'), 'transcode mp4 -e')
  t.equal(plays('wav', 'adpcm_ms'), 'transcode mp4 -e')
})
