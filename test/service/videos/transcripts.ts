import type { Test } from 'tap'
import { clip } from '../../support/clips.ts'
import { until } from '../../support/until.ts'
import { endedVideo, getJson, postVideo, type TranscriptView } from '../../support/video-api.ts'
import { KEY, type Transcribing } from './transcribing.ts'

interface Readiness {
  readonly status: string
  readonly checks: Record<string, { status: string; detail?: string }>
}

const WORDS = [
  { word: 'apple', start: 0.5 },
  { word: 'moon', start: 1.0 },
  { word: 'river', start: 2.6 },
]

export async function transcripts(t: Test, { service, speech }: Transcribing): Promise<void> {
  const { url } = service
  const ready = () => getJson<Readiness>(`${url}/health/ready`)
  // No other clip has these pauses: the same sound would not be sent again.
  const spoken = await clip({
    words: WORDS.map(({ word, start }) => ({ word, start: start * 1.2 })),
    seconds: 4.2,
    video: false,
  })

  await t.test('the log tells at the start what the service can do', async t => {
    t.match(await until(() => service.logs.find(({ msg }) => msg === 'the speech-to-text service works')), {
      model: 'whisper-1',
      response_format: 'verbose_json',
      timestamp_granularities: ['segment', 'word'],
    })
    t.match(speech.requests[0], { fileName: 'check.wav', status: 200 })
    t.match(await ready(), { status: 'ready', checks: { speech_to_text: { status: 'up' } } })
  })

  await t.test('a key that is refused pauses transcription, and costs no attempts', async t => {
    speech.behave({ apiKey: 'another' })
    const { id } = await postVideo(url, spoken)
    const paused = await until(async () => {
      const found = await ready()
      return found.status === 'degraded' && found
    })
    t.match(paused.checks['speech_to_text'], { status: 'down', detail: /answered 401.*OPENAI_API_KEY/ })
    t.notMatch(JSON.stringify(paused), KEY)
    t.match(await until(() => service.logs.find(({ msg }) => msg === 'transcription is paused')), {
      level: 50,
      error: /401/,
    })
    const step = await until(async () => {
      const found = (await getJson(`${url}/videos/${id}`)).steps.find(({ name }) => name === 'transcribe')
      return found?.state === 'pending' && found.error && found
    })
    t.match(step, { attempts: 0, error: { code: 'speech_to_text_misconfigured' } })
    // A look or two, each of one request; videos are taken and worked on all the while.
    const other = await postVideo(url, await clip({ audio: 'none' }))
    t.match(await endedVideo(url, other.id), { status: 'ready' })
    const looks = speech.requests.length
    const look = await until(() => speech.requests.slice(looks).find(({ status }) => status === 401))
    t.match(look, { fileName: 'check.wav' })
    speech.behave({ apiKey: KEY })
    const video = await endedVideo(url, id)
    t.match(video, { status: 'ready', transcript: 'apple moon river' })
    t.match(
      video.steps.find(({ name }) => name === 'transcribe'),
      { state: 'done', attempts: 1, error: null },
    )
    t.match(await ready(), { status: 'ready' })
    await until(() => service.logs.some(({ msg }) => msg === 'transcription resumes'))
  })

  const { id } = await postVideo(url, await clip({ words: WORDS, seconds: 5, video: false }), {
    language: 'de',
  })
  const video = await endedVideo(url, id)
  const path = `${url}/videos/${id}/transcript`
  const put = (segments: unknown, headers: Record<string, string> = {}, more: object = {}) =>
    fetch(path, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ segments, ...more }),
    })

  await t.test('a transcript knows where it comes from, and when each word was said', async t => {
    const answer = await fetch(path)
    t.equal(answer.headers.get('etag'), '"1"')
    const transcript = (await answer.json()) as TranscriptView
    t.match(transcript, {
      video_id: id,
      revision: 1,
      origin: 'machine',
      language: 'de',
      model: 'whisper-1',
      options: {
        language: 'de',
        response_format: 'verbose_json',
        timestamp_granularities: ['segment', 'word'],
      },
      source_sha256: video.sha256,
      partial: false,
      gaps: [],
      dropped: [],
      restored_from: null,
    })
    const words = transcript.segments.flatMap(({ words = [] }) => words)
    t.same(
      words.map(({ text }) => text),
      ['apple', 'moon', 'river'],
    )
    for (const [index, { start, end }] of words.entries())
      t.ok(Math.abs(start - WORDS[index]!.start) < 0.1 && Math.abs(end - start - 0.3) < 0.1, `${start}`)
    const { speech_share } = transcript as unknown as { speech_share: number }
    t.ok(speech_share > 0.1 && speech_share < 0.3, `${speech_share}`)
    t.equal(await (await fetch(`${path}.txt`)).text(), 'apple moon river\n')
    const unchanged = await fetch(path, { headers: { 'if-none-match': '"1"' } })
    t.equal(unchanged.status, 304)
    t.equal(await unchanged.text(), '')
  })

  await t.test('segments are edited by whoever has the latest', async t => {
    const { segments } = await getJson<TranscriptView>(path)
    const edited = segments.map((segment, index) => ({ ...segment, speaker: `Speaker ${index}` }))
    const answer = await put(edited, { 'if-match': '"1"' })
    t.equal(answer.status, 200)
    t.equal(answer.headers.get('etag'), '"2"')
    const transcript = (await answer.json()) as TranscriptView
    t.match(transcript, { revision: 2, origin: 'person', segments: edited })
    t.same(await getJson(path), transcript)
    for (const tag of ['"1"', 'W/"2"', '"3", "7"']) {
      const late = await put(edited, { 'if-match': tag })
      t.equal(late.status, 412, tag)
      t.match(await late.json(), { code: 'precondition_failed', field: 'if-match' })
    }
    t.equal((await put(edited, { 'if-none-match': '*' })).status, 412)
    t.equal((await put(edited, { 'if-match': '2' })).status, 400)
    t.equal((await put(edited, { 'if-match': '"2", "9"' })).status, 200)
    t.equal((await put(edited, { 'if-match': '*' })).status, 200)
    t.equal((await put([{ start: 1, end: 2, text: 'Mond & Fluß' }], {}, { language: 'de-AT' })).status, 200)
    t.match(await getJson(path), { revision: 5, language: 'de-AT', text: 'Mond & Fluß' })
    t.match(await (await fetch(`${url}/videos/${id}/captions.vtt`)).text(), '\nMond &amp; Fluß\n')
    const list = (query: string) => getJson<{ items: object[] }>(`${url}/videos?q=flu%C3%9F${query}`)
    t.match(await list(''), { items: [{ id, transcript: 'Mond & Fluß' }] })
    const { items } = await list('&transcript=false')
    t.match(items, [{ id, transcript: null }])
    t.equal(items.length, 1)
  })

  await t.test('what cannot be a transcript is refused, and names its field', async t => {
    const bad: [segments: unknown, field: string][] = [
      [undefined, 'segments'],
      ['text', 'segments'],
      [[{ start: 0, end: 1 }], 'segments.0.text'],
      [[{ start: 0, end: 1, text: '' }], 'segments.0.text'],
      [[{ start: 0, end: 1, text: ' \n' }], 'segments.0.text'],
      [[{ start: 0, end: 1, text: 'a\0b' }], 'segments.0.text'],
      [[{ start: 0, end: 1, text: 'x'.repeat(10_001) }], 'segments.0.text'],
      [[{ start: 0, end: 1, text: 'x', speaker: 'y'.repeat(101) }], 'segments.0.speaker'],
      [[{ start: 0, end: 1, text: 'x', speaker: 'y\0' }], 'segments.0.speaker'],
      [[{ start: -1, end: 1, text: 'x' }], 'segments.0.start'],
      [[{ start: '0', end: 1, text: 'x' }], 'segments.0.start'],
      [[{ start: null, end: 1, text: 'x' }], 'segments.0.start'],
      [[{ start: 2, end: 1, text: 'x' }], 'segments.0.end'],
      [[{ start: 0, end: 1000, text: 'x' }], 'segments.0.end'],
      [[{ start: 0, end: 1e300, text: 'x' }], 'segments.0.end'],
      [[{ start: 0, end: 1, text: 'x', times: 1 }], 'segments.0.times'],
      [
        [
          { start: 2, end: 3, text: 'x' },
          { start: 1, end: 3, text: 'x' },
        ],
        'segments.1.start',
      ],
      [Array(50_001).fill({ start: 0, end: 1, text: 'x' }), 'segments'],
      [Array(300).fill({ start: 0, end: 1, text: 'x'.repeat(9000) }), 'segments.222.text'],
    ]
    for (const [segments, field] of bad) {
      const answer = await put(segments)
      const problem = (await answer.json()) as { field: string }
      t.match([answer.status, problem.field], [400, field])
    }
    t.equal((await put([], {}, { language: 'no tag!' })).status, 400)
    t.equal((await put([], {}, { text: 'x' })).status, 400)
    t.match(await getJson(path), { revision: 5 })
    for (const method of ['GET', 'PUT']) {
      const init = { method, ...(method === 'PUT' && { body: '{"segments":[]}' }) }
      const gone = path.replace(id, '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071')
      const headers = { 'content-type': 'application/json' }
      t.equal((await fetch(gone, { ...init, headers })).status, 404)
    }
  })

  await t.test('revisions are listed, shown and restored', async t => {
    const { items } = await getJson<{ items: object[] }>(`${path}/revisions`)
    t.match(
      items,
      [5, 4, 3, 2, 1].map(revision => ({ revision, origin: revision === 1 ? 'machine' : 'person' })),
    )
    const first = await getJson<TranscriptView>(`${path}/revisions/1`)
    t.match(first, { revision: 1, text: 'apple moon river' })
    const restore = (revision: number | string, headers = {}) =>
      fetch(`${path}/revisions/${revision}/restore`, { method: 'POST', headers })
    t.equal((await restore(1, { 'if-match': '"4"' })).status, 412)
    t.equal((await restore(9)).status, 404)
    t.equal((await restore(0)).status, 400)
    t.equal((await restore('x')).status, 400)
    const restored = await restore(1, { 'if-match': '"5"' })
    t.equal(restored.status, 200)
    t.match(await restored.json(), {
      revision: 6,
      origin: 'person',
      restored_from: 1,
      segments: first.segments,
    })
    t.match(await getJson(`${url}/videos/${id}`), { transcript: 'apple moon river' })
    t.equal((await fetch(`${path}/revisions/9`)).status, 404)
  })

  await t.test('the same audio is paid for once, and the metrics tell', async t => {
    const asked = speech.requests.length
    const again = await postVideo(url, await clip({ words: WORDS, seconds: 5, container: 'mkv' }), {
      language: 'de',
    })
    t.match(await endedVideo(url, again.id), { transcript: 'apple moon river' })
    // The two containers differ, and their sound may by an encoder's padding: the same file again does not.
    const same = await postVideo(url, await clip({ words: WORDS, seconds: 5, video: false }), {
      language: 'de',
    })
    t.match(await endedVideo(url, same.id), { transcript: 'apple moon river', speech_seconds_sent: 0 })
    t.ok(speech.requests.length <= asked + 1)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    const metric = (name: string) =>
      Number(new RegExp(`^longtake_speech_${name}\\{model="whisper-1"\\} (\\S+)$`, 'm').exec(metrics)?.[1])
    t.ok(metric('requests_total') >= 2)
    t.ok(metric('seconds_sent_total') >= 8)
    t.ok(metric('seconds_reused_total') >= 4.9)
  })
}
