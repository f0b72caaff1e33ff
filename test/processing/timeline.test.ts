import { truncate } from 'node:fs/promises'
import t from 'tap'
import { readContainerLayout } from '../../src/processing/media/container-layout.ts'
import { examine } from '../../src/processing/media/examine.ts'
import { bigClip, clip } from '../support/clips.ts'
import { lyingClip, type MediaClip, mediaClip } from '../support/media-clips.ts'
import { copyOf } from '../support/run-step.ts'

const { signal } = new AbortController()

t.test('the duration comes from the packets, whatever the header declares', async t => {
  for (const name of ['index-last.mp4', 'fragmented.mp4'] as const) {
    const honest = await mediaClip(name)
    for (const factor of [1 / 30, 1, 25_000]) {
      const { timeline } = await examine(await lyingClip(honest, factor), signal)
      t.ok(Math.abs(timeline.duration! - 4) < 0.1, `${name}, told ${factor} times: ${timeline.duration} s`)
    }
  }
})

t.test('only the end of a large file is read, and a wrong header is found anyway', async t => {
  const large = await bigClip(9_000_000, { seconds: 20, faststart: false })
  for (const factor of [1 / 15, 0.5, 1, 1.2, 5000]) {
    const { info, timeline } = await examine(await lyingClip(large, factor), signal)
    t.ok(Math.abs(timeline.duration! - 20) < 0.1, `told ${info.duration} s: ${timeline.duration} s`)
    t.ok(Math.abs(timeline.picture!.last - 19.9) < 0.01)
    t.ok(Math.abs(timeline.sound!.end - 20) < 0.1)
  }
})

t.test('a recording without a duration in its header is measured', async t => {
  const { info, layout, timeline } = await examine(await clip({ container: 'webm', seconds: 3 }), signal)
  t.equal(info.duration, undefined)
  t.equal(layout.indexed, false)
  t.ok(Math.abs(timeline.duration! - 3) < 0.1)
})

t.test('a late start on the file’s clock does not count for the duration', async t => {
  const { info, timeline } = await examine(await mediaClip('broadcast.ts'), signal)
  t.ok(info.start > 1)
  t.ok(Math.abs(timeline.duration! - 4) < 0.15, `${timeline.duration} s`)
})

t.test('the layout of a file decides whether browsers can play it without conversion', async t => {
  const layouts: Partial<Record<MediaClip, [plays: string | undefined, indexed: boolean]>> = {
    'plays.mp4': ['mp4', true],
    'index-last.mp4': [undefined, true],
    'fragmented.mp4': [undefined, false],
    'camera.mov': [undefined, true],
    'plays.webm': ['webm', true],
    'hevc.mkv': [undefined, true],
    'broadcast.ts': [undefined, true],
    'song.mp3': ['mp3', true],
    'tape.wav': ['wav', true],
  }
  for (const [name, [plays, indexed]] of Object.entries(layouts)) {
    const { layout } = await examine(await mediaClip(name as MediaClip), signal)
    t.same(layout, { plays, indexed }, name)
  }
})

t.test('the layout of a file that is cut off anywhere is read quickly', async t => {
  for (const [name, format] of Object.entries({ 'plays.mp4': 'mov', 'plays.webm': 'matroska' })) {
    const path = await copyOf(await mediaClip(name as MediaClip))
    for (let size = 4000; size >= 0; size = size > 200 ? size - 97 : size - 1) {
      await truncate(path, size)
      const { plays } = await readContainerLayout(path, format)
      t.ok(plays === undefined || plays === 'mp4' || plays === 'webm')
    }
  }
})
