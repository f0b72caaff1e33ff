import t from 'tap'
import { bytesOf, chooseTile, planTiles, renderTiles, timeOf } from '../../src/processing/media/tiles.ts'

t.test('at most a hundred tiles cover a video of any length', async t => {
  for (const duration of [0, 0.04, 1, 2, 2.1, 7.3, 60, 199, 200, 201, 3600, 36_000, 1e7]) {
    const plan = planTiles(duration, 1920, 1080)
    t.ok(plan.count >= 1 && plan.count <= 100, `${plan.count} tiles of ${duration} s`)
    t.ok(plan.columns * plan.rows >= plan.count)
    t.ok(plan.count * plan.interval >= duration - 0.11 * plan.interval)
    const times = Array.from({ length: plan.count }, (_, tile) => timeOf(tile, plan, duration))
    t.ok(
      times.every((time, tile) => time >= 0 && time <= duration && time > (times[tile - 1] ?? -1)),
      `${duration} s`,
    )
  }
})

t.test('tiles have the aspect ratio of the picture and even sizes', async t => {
  const sizes: [width: number, height: number, tile: [number, number]][] = [
    [1920, 1080, [160, 90]],
    [1080, 1920, [90, 160]],
    [161, 121, [160, 120]],
    [4000, 2, [160, 2]],
    [1, 1, [160, 160]],
  ]
  for (const [width, height, tile] of sizes) {
    const plan = planTiles(10, width, height)
    t.same([plan.width, plan.height], tile)
    t.equal(bytesOf(plan), tile[0] * tile[1] * 1.5)
  }
})

t.test('the poster is neither dark nor flat, if there is such a tile', async t => {
  const even = (value: number) => new Uint8Array(100).fill(value)
  const full = Uint8Array.from({ length: 100 }, (_, index) => 60 + index)
  const night = Uint8Array.from({ length: 100 }, (_, index) => 16 + (index % 10))
  t.equal(chooseTile([even(16), full]), 1)
  t.equal(chooseTile([even(16), night, even(235), full, full]), 3, 'black, dark and white tiles are skipped')
  t.equal(
    chooseTile([full, ...Array(19).fill(even(16))]),
    0,
    'the beginning, if no later tile shows anything',
  )
  t.equal(chooseTile([...Array(2).fill(full), ...Array(18).fill(full)]), 2, 'otherwise not the first tenth')
  t.equal(chooseTile([even(16), even(17), even(16)]), 1, 'the brightest, if all tiles are black')
  t.equal(chooseTile([even(16)]), 0)
})

t.test('cues follow each other without gaps, and name their part of the sheet', async t => {
  const plan = planTiles(24.5, 160, 90)
  const text = renderTiles(plan, plan.count, 24.5, 'sheet.jpg')
  t.ok(text.startsWith('WEBVTT\n\n'))
  const cues = [...text.matchAll(/^(\S+) --> (\S+)\nsheet\.jpg#xywh=(\d+),(\d+),160,90$/gm)]
  t.equal(cues.length, 13)
  t.equal(cues[0]![1], '00:00:00.000')
  t.equal(cues.at(-1)![2], '00:00:24.500')
  for (const [index, cue] of cues.entries()) {
    if (index > 0) t.equal(cue[1], cues[index - 1]![2])
    t.same(cue.slice(3).map(Number), [(index % 10) * 160, Math.floor(index / 10) * 90])
  }
  t.match(
    renderTiles(planTiles(36_000, 160, 90), 100, 36_000, 's'),
    '09:54:00.000 --> 10:00:00.000\ns#xywh=1440,810',
  )
})
