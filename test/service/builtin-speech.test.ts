import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { childrenWith } from '../support/child-processes.ts'
import { readAloud, TWO_CITIES, tinyModel } from '../support/real-speech.ts'
import { type Service, startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'
import { endedVideo, getJson, postVideo } from '../support/video-api.ts'
import { wordErrors } from '../support/word-errors.ts'

interface TranscriptView {
  readonly text: string
  readonly model: string
  readonly language: string
  readonly segments: readonly {
    readonly start: number
    readonly end: number
    readonly words: readonly { start: number; end: number; text: string }[]
  }[]
}
interface Readiness {
  readonly status: string
  readonly checks: Record<string, { status: string; detail?: string }>
}

const SECONDS = 44.4
/** When sentences begin, by the pauses before them that can be seen in the recording. */
const STARTS: readonly (readonly [word: number, seconds: number])[] = [
  [12, 5.05],
  [18, 6.69],
  [24, 8.82],
  [30, 10.78],
  [36, 13.49],
  [42, 15.16],
  [48, 17.58],
  [60, 21.27],
]

const recording = await readAloud()
const directory = throwAwayDirectory('spoken')

/** A film of somebody who reads. */
function film(name: string, filters = 'anull'): string {
  const path = join(directory, `${name}.mp4`)
  const picture = ['-f', 'lavfi', '-i', `testsrc=size=160x120:rate=5:duration=${SECONDS}`]
  const sound = ['-i', recording, '-af', filters, '-c:a', 'aac', '-b:a', '96k']
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-shortest']
  execFileSync('ffmpeg', ['-v', 'error', ...picture, ...sound, ...video, '-movflags', '+faststart', path])
  return path
}

t.test('a film is transcribed without an account', async t => {
  const settings = { SPEECH_ENGINE: 'builtin', SPEECH_MODEL: 'tiny.en', SWEEP_INTERVAL: '1s' }
  t.teardown(() => Promise.all(running.map(service => service.kill())))
  const running: Service[] = []
  const start = async (env: Record<string, string>) => {
    const service = await startService({ env: { ...settings, ...env } })
    running.push(service)
    return service
  }
  const first = await start({ SPEECH_MODEL_DIR: '/nowhere' })
  const banner = /^Transcripts: on, by the built-in engine \(Whisper tiny\.en\)/
  await until(() => first.output.some(line => banner.test(line)))
  t.match(await getJson(`${first.url}/status`), { speech_to_text: 'Whisper tiny.en (built-in)' })
  const { id } = await postVideo(first.url, film('first'))
  const paused = await until(async () => {
    const { checks } = await getJson<Readiness>(`${first.url}/health/ready`)
    return /SPEECH_MODEL_DIR/.test(checks['speech_to_text']?.detail ?? '') && checks['speech_to_text']
  })
  t.equal(paused.status, 'down')
  const waiting = await getJson(`${first.url}/videos/${id}`)
  t.match(waiting, { status: 'processing' })
  t.match(
    waiting.steps.find(({ name }) => name === 'transcribe'),
    { state: 'pending', attempts: 0 },
    'it waits, and no attempt is counted',
  )
  await first.stop()

  const offline = await tinyModel()
  const { dataDir } = first
  const second = await start({ SPEECH_MODEL_DIR: offline, DATA_DIR: dataDir })
  await until(() => childrenWith('engine-main.ts').length > 0)
  const [engine] = childrenWith('engine-main.ts')
  await second.kill()
  await until(() => !childrenWith('engine-main.ts').includes(engine!))
  const third = await start({ SPEECH_MODEL_DIR: offline, DATA_DIR: dataDir })
  const video = await endedVideo(third.url, id)
  t.match(video, { status: 'ready', language: 'en' })
  t.ok(
    video.speech_seconds_sent < SECONDS + 30,
    `${video.speech_seconds_sent} s: the kill repeats one chunk at most`,
  )
  const transcript = await getJson<TranscriptView>(`${third.url}/videos/${id}/transcript`)
  t.match(transcript, { model: 'Whisper tiny.en (built-in)', language: 'en' })
  const said = transcript.segments.flatMap(({ words }) => words)
  const errors = wordErrors(said, TWO_CITIES)
  t.ok(errors < 0.05, `${(100 * errors).toFixed(1)} % of the words are wrong: ${transcript.text}`)
  for (const [word, seconds] of STARTS) {
    const found = said
      .filter(({ start }) => Math.abs(start - seconds) <= 0.3)
      .map(({ text }) => text.toLowerCase())
    t.ok(found.includes(TWO_CITIES.split(' ')[word]!), `${TWO_CITIES.split(' ')[word]} at ${seconds}`)
  }
  t.ok(said.every(({ start, end }, index) => end >= start && start >= (said[index - 1]?.start ?? 0)))
  t.match(await getJson(`${third.url}/health/ready`), { checks: { speech_to_text: { status: 'up' } } })

  const edit = { segments: [{ start: 0, end: 2, text: 'By a person.' }] }
  const headers = { 'content-type': 'application/json' }
  const path = `${third.url}/videos/${id}/transcript`
  t.equal((await fetch(path, { method: 'PUT', headers, body: JSON.stringify(edit) })).status, 200)
  await fetch(`${third.url}/videos/${id}/retry?step=transcribe`, { method: 'POST' })
  const revisions = await until(async () => {
    const { items } = await getJson<{ items: { origin: string }[] }>(`${path}/revisions`)
    return items.length === 3 && items.map(({ origin }) => origin)
  })
  t.same(revisions, ['machine', 'person', 'machine'], 'beside the edit of a person')
  t.match(await getJson(path), { text: 'By a person.', origin: 'person' }, 'which stays the transcript')
  t.equal(
    (await endedVideo(third.url, id)).speech_seconds_sent,
    video.speech_seconds_sent,
    'nothing is transcribed twice',
  )

  const noise = film('noise', 'aeval=0.02*random(0),aformat=channel_layouts=mono')
  const tones = film(
    'music',
    'aeval=0.1*(sin(440*2*PI*t)+sin(554*2*PI*t)+sin(659*2*PI*t))*(0.5+0.5*sin(2*PI*t)),aformat=channel_layouts=mono',
  )
  for (const path of [noise, tones]) {
    const quiet = await endedVideo(third.url, (await postVideo(third.url, path)).id)
    t.equal(quiet.transcript ?? '', '', `${path} has no speech`)
  }
  await third.stop()
  t.same(childrenWith('engine-main.ts'), [], 'the engine ends with the worker')
})
