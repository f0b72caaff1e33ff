import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { readMediaInfo } from '../../src/processing/media/ffprobe-output.ts'
import { playback } from '../../src/processing/media/playback.ts'
import { poster } from '../../src/processing/media/poster.ts'
import { notesOn, streamFacts } from '../../src/processing/media/stream-facts.ts'
import { ffmpeg } from '../support/clips.ts'
import { factsOf, runStep } from '../support/run-step.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const run = promisify(execFile)
const directory = throwAwayDirectory('colors')
/** The colours of the bars, as red, green and blue of BT.709. */
const BARS = [
  [205, 60, 60],
  [60, 190, 80],
  [70, 80, 200],
  [150, 150, 150],
] as const
type Color = readonly number[]

interface Coding {
  /** Names of zscale: matrix, primaries and transfer. */
  readonly zscale: string
  /** Options of the encoder that tag it. */
  readonly tags: readonly string[]
  readonly size?: string
  readonly tenBit?: boolean
}

const tagged = (space: string, primaries: string, transfer: string) => [
  ...['-colorspace', space, '-color_primaries', primaries, '-color_trc', transfer],
]
const PQ = 'm=2020_ncl:p=2020:t=smpte2084:npl=100:r=tv'
const CODINGS: Record<string, Coding> = {
  'BT.709 of HD without tags': { zscale: 'm=709:p=709:t=709:r=tv', tags: [], size: '1280x720' },
  'BT.601 without tags': { zscale: 'm=170m:p=709:t=709:r=tv', tags: [] },
  'BT.601 in the full range of HD': {
    zscale: 'm=170m:p=709:t=709:r=pc',
    tags: [...tagged('smpte170m', 'bt709', 'bt709'), '-color_range', 'pc'],
    size: '1280x720',
  },
  'BT.2020 without HDR': {
    zscale: 'm=2020_ncl:p=2020:t=2020_10:r=tv',
    tags: tagged('bt2020nc', 'bt2020', 'bt2020-10'),
    tenBit: true,
  },
}

/** A video of the bars. */
async function film(
  name: string,
  { zscale, tags, size = '256x144', tenBit = false }: Coding,
): Promise<string> {
  const [width = 0, height = 0] = size.split('x').map(Number)
  const bar = ([red, green, blue]: Color) => `color=0x${Buffer.from([red!, green!, blue!]).toString('hex')}`
  const bars = BARS.map(color => `${bar(color)}:size=${width / 4}x${height}:rate=5:duration=0.6,format=gbrp`)
  const inputs = bars.map((text, at) => `${text}[b${at}]`).join(';')
  const labels = bars.map((_, at) => `[b${at}]`).join('')
  const convert = `zscale=min=gbr:pin=709:tin=709:rin=pc:${zscale},format=${tenBit ? 'yuv420p10le' : 'yuv420p'}`
  const path = join(directory, `${name.replaceAll(/\W/g, '-')}.mkv`)
  const graph = `${inputs};${labels}hstack=inputs=4,${convert}`
  const encoder = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error:qp=10']
  await ffmpeg(['-filter_complex', graph, ...encoder, ...tags, path])
  return path
}

/** The colours of the bars in a picture as a browser shows them. @param rows of several pictures side by side, the first counts. */
async function barsIn(path: string, columns = 1): Promise<Color[]> {
  const { stdout: json } = await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', path])
  const { width, height, codec_name, color_space, color_primaries, color_transfer, color_range } =
    JSON.parse(json).streams[0]
  const guess = height >= 720 ? '709' : '170m'
  const name = (tag: string, names: Record<string, string>, otherwise: string) => names[tag] ?? otherwise
  const input =
    codec_name === 'mjpeg'
      ? 'min=470bg:pin=709:tin=709:rin=pc'
      : [
          `min=${name(color_space, { bt709: '709', smpte170m: '170m', bt2020nc: '2020_ncl' }, guess)}`,
          `pin=${name(color_primaries, { bt2020: '2020' }, '709')}`,
          `tin=${name(color_transfer, { 'bt2020-10': '2020_10' }, '709')}`,
          `rin=${color_range === 'pc' ? 'pc' : 'tv'}`,
        ].join(':')
  const filter = `zscale=${input}:m=gbr:p=709:t=709:r=pc,format=gbrp,format=rgb24`
  const args = ['-v', 'error', '-i', path, '-frames:v', '1', '-vf', filter, '-f', 'rawvideo', '-']
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 2 ** 26 })
  const own = width / columns
  return BARS.map((_, bar) => {
    const at = 3 * (Math.floor(height / 2) * width + Math.floor(((bar + 0.5) * own) / 4))
    return [...stdout.subarray(at, at + 3)]
  })
}

const apart = (some: readonly Color[], others: readonly Color[]) =>
  Math.max(...some.flatMap((color, bar) => color.map((value, at) => Math.abs(value - others[bar]![at]!))))

async function shown(path: string) {
  const facts = await factsOf(path)
  const { files, notes } = await runStep(playback, path, { facts })
  const stills = (await runStep(poster, path, { facts })).files
  return {
    notes,
    rendition: await barsIn(files.playback!.path),
    poster: await barsIn(stills.poster!.path),
    storyboard: await barsIn(stills.storyboard!.path),
  }
}

t.test('the rendition, the poster and the storyboard have the colours of the video', async t => {
  for (const [name, coding] of Object.entries(CODINGS)) {
    const { notes, ...pictures } = await shown(await film(name, coding))
    t.same(notes, [], name)
    for (const [what, bars] of Object.entries(pictures))
      t.ok(apart(bars, BARS) <= 8, `${name}, the ${what}: ${JSON.stringify(bars)}`)
  }
})

t.test('HDR with only a tag for its transfer function looks like HDR with all tags', async t => {
  const hlg = PQ.replace('smpte2084', 'arib-std-b67')
  const tags = tagged('bt2020nc', 'bt2020', 'smpte2084')
  const full = await shown(await film('pq full', { zscale: PQ, tags, tenBit: true }))
  t.same(full.notes, [], 'the picture is tone-mapped')
  const [red, green, blue] = full.rendition
  t.ok(
    red![0]! > 2 * red![1]! && green![1]! > 2 * green![0]! && blue![2]! > 2 * blue![0]!,
    'the colours are not pale',
  )
  for (const [transfer, zscale] of Object.entries({ smpte2084: PQ, 'arib-std-b67': hlg })) {
    const path = await film(`${transfer} only`, { zscale, tags: ['-color_trc', transfer], tenBit: true })
    const { notes, ...pictures } = await shown(path)
    t.same(notes, [])
    for (const [what, bars] of Object.entries(pictures))
      t.ok(apart(bars, full.rendition) <= 5, `${transfer}, the ${what}: ${JSON.stringify(bars)}`)
  }
})

t.test('HDR that cannot be tone-mapped is shown anyway, with a note', async t => {
  const tags = tagged('smpte2085', 'bt2020', 'smpte2084')
  const path = await film('unknown matrix', { zscale: PQ, tags, tenBit: true })
  const facts = await factsOf(path)
  for (const step of [playback, poster])
    t.match((await runStep(step, path, { facts })).notes, [{ code: 'not_tone_mapped' }])
})

t.test('Dolby Vision profile 5 gets a note for the owner', async t => {
  const info = (profile: number) => {
    const stream = { index: 0, codec_type: 'video', codec_name: 'hevc' }
    const { tracks, ...rest } = readMediaInfo({
      streams: [{ ...stream, side_data_list: [{ dv_profile: profile }] }],
    })
    return { ...rest, tracks, streams: tracks }
  }
  t.match(notesOn(info(5)), [{ code: 'dolby_vision_5' }])
  t.match(streamFacts(info(5), []), [{ dolby_vision_profile: 5 }])
  t.same(notesOn(info(8)), [], 'profile 8 has a base layer that all decoders show')
})
