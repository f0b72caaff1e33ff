import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { isMedia, refusalsOf, titleOf } from '../../src/page/upload/accepted-files.ts'
import { headlineOf, type Item, type Phase, sentenceOf, summaryOf } from '../../src/page/upload/item.ts'
import { type FileState, plan } from '../../src/page/upload/plan.ts'
import { SpeedMeter } from '../../src/page/upload/speed-meter.ts'

const MAX_RUNNING = 3

const fileStates = fc
  .array(fc.record({ isWanted: fc.boolean(), isLaunched: fc.boolean(), isPaused: fc.boolean() }), {
    maxLength: 12,
  })
  .map(files => files.map((file, at): FileState => ({ ...file, id: String(at) })))

/** The files after a plan was carried out. */
function after(files: readonly FileState[], limit: number): FileState[] {
  const { launch, resume, pause } = plan(files, limit)
  return files.map(file => ({
    ...file,
    isLaunched: file.isLaunched || launch.includes(file.id),
    isPaused:
      (file.isPaused || pause.includes(file.id)) && !launch.includes(file.id) && !resume.includes(file.id),
  }))
}

const running = (files: readonly FileState[]) => files.filter(each => each.isLaunched && !each.isPaused)

t.test('a plan runs as many wanted uploads as it may, and no others', async () => {
  fc.assert(
    fc.property(fileStates, fc.constantFrom(0, MAX_RUNNING), (files, limit) => {
      const now = running(after(files, limit))
      equal(now.length, Math.min(limit, files.filter(({ isWanted }) => isWanted).length))
      ok(now.every(({ isWanted }) => isWanted))
    }),
  )
})

t.test('a plan that was carried out changes nothing more', async () => {
  fc.assert(
    fc.property(fileStates, fc.constantFrom(0, MAX_RUNNING), (files, limit) => {
      deepEqual(plan(after(files, limit), limit), { launch: [], resume: [], pause: [] })
    }),
  )
})

t.test('a running upload keeps running, and the queue is in order', async () => {
  const files: FileState[] = ['a', 'b', 'c', 'd', 'e'].map(id => ({
    id,
    isWanted: true,
    isLaunched: id === 'e',
    isPaused: false,
  }))
  deepEqual(plan(files, MAX_RUNNING), { launch: ['a', 'b'], resume: [], pause: [] })
  deepEqual(plan(files, 0), { launch: [], resume: [], pause: ['e'] })
})

const item = (phase: Phase, more: Partial<Item> = {}): Item => ({
  id: phase,
  name: 'tour.mp4',
  title: 'Tour',
  isSound: false,
  sizeBytes: 1_700_000_000,
  phase,
  sentBytes: 260_000_000,
  savedBytes: 256_000_000,
  bytesPerSecond: 12_000_000,
  videoId: undefined,
  processedPercent: undefined,
  problem: undefined,
  ...more,
})

t.test('each state is one sentence', async () => {
  const sentences: [Item, string, string?][] = [
    [item('uploading'), 'Uploading, 12 MB/s, 2 min left', 'Waiting for connection. 256 MB saved'],
    [item('uploading', { bytesPerSecond: undefined }), 'Uploading'],
    [item('uploading', { sentBytes: 1_690_000_000 }), 'Uploading, 12 MB/s, 10 sec left'],
    [item('uploading', { bytesPerSecond: 200_000 }), 'Uploading, 200 kB/s, 2 hr left'],
    [item('uploading', { bytesPerSecond: 250_000 }), 'Uploading, 250 kB/s, 1 hr 36 min left'],
    [item('queued', { savedBytes: undefined }), 'Waiting for its turn', 'Waiting for connection'],
    [item('paused'), 'Paused. 256 MB saved', 'Paused. 256 MB saved'],
    [item('paused', { savedBytes: 0 }), 'Paused'],
    [item('choose'), 'Interrupted. 256 MB saved'],
    [item('processing', { processedPercent: 40.7 }), 'Processing 40%'],
    [item('processing'), 'Processing'],
    [item('ready'), 'Ready', 'Ready'],
    [item('failed', { problem: 'There is no space left.' }), 'Not uploaded. There is no space left.'],
    [
      item('unusable', { problem: 'The file is damaged.' }),
      'Uploaded, but cannot be played. The file is damaged.',
    ],
  ]
  for (const [each, connected, lost] of sentences) {
    equal(sentenceOf(each, true), connected)
    if (lost) equal(sentenceOf(each, false), lost)
  }
})

t.test('the headline says what matters most', async () => {
  const headline = (phases: Phase[], isConnected = true) =>
    headlineOf(summaryOf(phases.map(phase => item(phase))), isConnected)
  equal(headline([]), 'Uploads')
  equal(headline(['uploading']), 'Uploading')
  equal(headline(['ready', 'processing', 'uploading', 'queued', 'failed']), '2 of 5 uploaded')
  equal(headline(['ready', 'uploading'], false), 'Waiting for connection')
  equal(headline(['ready', 'failed', 'paused']), '1 upload failed')
  equal(headline(['failed', 'unusable']), '2 uploads failed')
  equal(headline(['choose', 'failed']), 'Choose 1 file again')
  equal(headline(['ready', 'paused']), 'Paused, 1 of 2 uploaded')
  equal(headline(['ready', 'processing']), 'Processing 1 video')
  equal(headline(['ready', 'ready']), '2 videos ready')
  equal(
    summaryOf([item('uploading', { savedBytes: undefined, sizeBytes: 100, sentBytes: 50 }), item('ready')])
      .percent,
    99,
  )
})

t.test('the speed is that of the last seconds', async () => {
  const meter = new SpeedMeter()
  equal(meter.bytesPerSecond, undefined)
  for (let second = 0; second <= 30; second++) meter.add(second * 1000, second * 1000)
  equal(Math.round(meter.bytesPerSecond!), 1000)
  for (let second = 31; second <= 50; second++) meter.add(30_000 + (second - 30) * 5000, second * 1000)
  equal(Math.round(meter.bytesPerSecond!), 5000)
  meter.add(10, 51_000)
  equal(meter.bytesPerSecond, undefined, 'the upload has started again')
})

t.test('a file that is neither video nor audio is refused by its name', async () => {
  const file = (name: string, type = '', size = 1) => ({ name, type, size })
  for (const good of [file('a.mp4', 'video/mp4'), file('B.MKV'), file('voice', 'audio/ogg'), file('x.m2ts')])
    ok(isMedia(good), good.name)
  for (const bad of [
    file('a.txt', 'text/plain'),
    file('mkv'),
    file('a.jpg', 'image/jpeg'),
    file('a.mp4.zip'),
  ])
    ok(!isMedia(bad), bad.name)
  deepEqual(refusalsOf([file('a.mp4', 'video/mp4')]), [])
  deepEqual(refusalsOf([file('notes.txt')]), ['“notes.txt” is neither video nor audio.'])
  deepEqual(refusalsOf([file('a.txt'), file('b.txt')]), ['“a.txt” and “b.txt” are neither video nor audio.'])
  deepEqual(refusalsOf([...'abc'].map(name => file(name)).concat(file('e.mp4', 'video/mp4', 0))), [
    '“a” and 2 other files are neither video nor audio.',
    '“e.mp4” is empty.',
  ])
  equal(titleOf('Team_meeting-2.mp4'), 'Team meeting-2')
  equal(titleOf('.mp4'), '.mp4')
})
