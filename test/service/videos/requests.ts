import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { clip } from '../../support/clips.ts'
import { rawRequest } from '../../support/raw-request.ts'
import { until } from '../../support/until.ts'
import {
  endedVideo,
  getJson,
  postVideo,
  type TranscriptView,
  type VideoPageView,
  type VideoView,
} from '../../support/video-api.ts'
import type { Transcribing } from './transcribing.ts'

const WORDS = [
  { word: 'apple', start: 0.5 },
  { word: 'moon', start: 1.0 },
  { word: 'river', start: 3.0 },
]

/** The same words, the last one later: the same sound would not be sent again. @param by seconds */
function spacedOut(by: number): typeof WORDS {
  return WORDS.map(({ word, start }, at) => ({ word, start: at === WORDS.length - 1 ? start + by : start }))
}

export async function requestsOfVideos(t: Test, { service, speech }: Transcribing): Promise<void> {
  const { url } = service
  const write = (method: string, id: string, changes: object) =>
    getJson(`${url}/videos/${id}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(changes),
    })
  const search = async (q: string) =>
    (await getJson<VideoPageView>(`${url}/videos?q=${encodeURIComponent(q)}`)).items.map(({ id }) => id)
  const textOf = async (id: string, what: string) => (await fetch(`${url}/videos/${id}/${what}`)).text()

  const spoken = await clip({ words: WORDS })
  const { id } = await postVideo(url, spoken, { title: 'Harvest' })
  const video = await endedVideo(url, id)

  await t.test('one video, with and without a trailing slash', async t => {
    t.match(video, {
      status: 'ready',
      title: 'Harvest',
      transcript: 'apple moon river',
      content_type: 'video/mp4',
      width: 160,
      height: 120,
      steps: ['probe', 'playback', 'poster', 'audio', 'transcribe'].map(name => ({
        name,
        state: 'done',
        progress: 100,
      })),
    })
    t.ok(Math.abs(video.duration! - 3.8) < 0.2, `${video.duration} s`)
    t.same(await getJson(`${url}/videos/${id}/`), video)
    const { chapters_vtt, ...links } = video.links
    t.equal(chapters_vtt, null, 'the film has none')
    for (const link of Object.values(links)) {
      t.ok(link, 'there is everything else of it')
      t.equal((await rawRequest(url, link!, { method: 'HEAD' })).status, 200, link!)
      t.equal((await rawRequest(url, `${link}/`, { method: 'HEAD' })).status, 200, `${link}/`)
    }
  })

  await t.test('transcript and captions', async t => {
    const transcript = await getJson<TranscriptView>(`${url}/videos/${id}/transcript`)
    t.match(transcript, { video_id: id, revision: 1, origin: 'machine', text: 'apple moon river' })
    t.same(
      transcript.segments.map(({ text }) => text),
      ['apple moon', 'river'],
    )
    const [first, second] = transcript.segments
    t.ok(Math.abs(first!.start - 0.5) < 0.15 && Math.abs(second!.start - 3) < 0.15, 'at their times')
    t.match(
      await textOf(id, 'captions.vtt'),
      /^WEBVTT\n\n00:00:00\.\d{3} --> 00:00:01\.\d{3}\napple moon\n\n00:00:0[23]\.\d{3} --> 00:00:0[34]\.\d{3}\nriver\n$/,
    )
    t.match(await textOf(id, 'captions.srt'), /^1\n00:00:00,\d{3} --> 00:00:01,\d{3}\napple moon\n\n2\n/)
    const vtt = await fetch(`${url}/videos/${id}/captions.vtt`)
    t.match(vtt.headers.get('content-type'), /^text\/vtt; charset=utf-8$/i)
  })

  await t.test('an edited text changes transcript, captions and search', async t => {
    t.same(await search('moon'), [id])
    const edited = await write('PUT', id, { transcript: 'apple <b>moonlight</b> river --> & sea' })
    t.equal(edited.transcript, 'apple <b>moonlight</b> river --> & sea')
    const transcript = await getJson<TranscriptView>(`${url}/videos/${id}/transcript`)
    t.match(transcript, { revision: 2, origin: 'person' })
    t.equal(transcript.segments.map(({ text }) => text).join(' '), 'apple <b>moonlight</b> river --> & sea')
    const river = transcript.segments.find(({ text }) => text.includes('river'))!
    t.ok(Math.abs(river.start - 3) < 0.15, 'words that stay keep their times')
    const vtt = await textOf(id, 'captions.vtt')
    t.match(vtt, 'apple &lt;b&gt;moonlight&lt;/b&gt;')
    t.equal(vtt.split('-->').length, 3, 'no cue comes of a text')
    t.equal((await textOf(id, 'captions.srt')).split('-->').length, 3)
    t.same(await search('moon'), [])
    t.same(await search('moonlight'), [id])
    t.equal((await write('PATCH', id, { transcript: '' })).transcript, '')
    t.same(await search('moonlight'), [])
    t.equal(await textOf(id, 'captions.vtt'), 'WEBVTT\n')
    t.match(await write('PATCH', id, { transcript: 'quite new' }), { transcript: 'quite new' })
    t.match(await textOf(id, 'captions.vtt'), 'quite new')
  })

  await t.test('title and description', async t => {
    for (const method of ['PUT', 'PATCH']) {
      const title = `${method} Ünïcode 🎬`
      t.match(await write(method, id, { title }), { title, transcript: 'quite new' })
      t.match(await write(method, id, { description: `${method}\tline\nline` }), {
        title,
        description: `${method}\tline\nline`,
      })
      t.same(await search(method), [id])
    }
    t.match(await write('PATCH', id, { description: '' }), { description: '' })
    t.same(await search('harvest'), [], 'the old title is forgotten')
  })

  await t.test('a list in pages, by every order', async t => {
    const files = [await clip({ audio: 'none' }), await clip({ audio: 'none', seconds: 4 })]
    const made = [id]
    for (const [i, title] of ['Alpha', 'alpha', 'Äpfel', 'Alpha'].entries())
      made.push((await postVideo(url, files[i % 2]!, { title })).id)
    await Promise.all(made.map(one => endedVideo(url, one)))
    const all = (await getJson<VideoPageView>(`${url}/videos/?limit=100`)).items
    t.same(
      all.map(one => one.id),
      made.toReversed(),
      'the latest first',
    )
    for (const sort of ['created_at', 'title', 'size', 'duration'].flatMap(key => [key, `-${key}`])) {
      const found: VideoView[] = []
      let cursor: string | null = ''
      do {
        const query: string = `sort=${sort}&limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`
        const page: VideoPageView = await getJson<VideoPageView>(`${url}/videos?${query}`)
        t.ok(page.items.length <= 2)
        found.push(...page.items)
        cursor = page.next_cursor
      } while (cursor)
      t.same(found.map(one => one.id).sort(), made.toSorted(), `each once by ${sort}`)
      const key = sort.replace('-', '') as 'size' | 'duration'
      if (['size', 'duration'].includes(key)) {
        const values = found.map(one => one[key]!)
        t.same(
          values,
          values.toSorted((a, b) => (sort.startsWith('-') ? b - a : a - b)),
          `in order of ${sort}`,
        )
      }
    }
    t.same((await getJson<VideoPageView>(`${url}/videos?status=failed`)).items, [])
    t.equal((await getJson<VideoPageView>(`${url}/videos?status=ready`)).items.length, made.length)
    t.same(await search('alpha'), [made[4], made[2], made[1]], 'whatever the case')
    t.same((await search('alpha or äpfel')).length, 4)
    for (const q of ["'", '"', '!&|():*', 'a:*', '\\', '%', ' ']) t.ok(Array.isArray(await search(q)), q)
  })

  await t.test('what failed is tried again', async t => {
    speech.fail({ status: 400 })
    const other = await clip({ words: spacedOut(0.4), seconds: 4.5, video: false })
    const { id } = await postVideo(url, other, { title: 'Again' })
    const failed = await endedVideo(url, id)
    t.match(failed.steps.at(-1), {
      name: 'transcribe',
      state: 'failed',
      error: { code: String, message: String },
    })
    t.equal(failed.status, 'ready')
    t.equal((await fetch(`${url}/videos/${id}/transcript`)).status, 404)
    const answer = await fetch(`${url}/videos/${id}/retry`, { method: 'POST' })
    t.equal(answer.status, 202)
    t.match(((await answer.json()) as VideoView).steps.at(-1), { name: 'transcribe' })
    const ended = await endedVideo(url, id)
    t.match(ended, { transcript: 'apple moon river' })
    t.match(ended.steps.at(-1), { name: 'transcribe', state: 'done', error: null })
    const asked = speech.requests.length
    t.equal((await fetch(`${url}/videos/${id}/retry/`, { method: 'POST' })).status, 202)
    t.match(await endedVideo(url, id), { transcript: 'apple moon river' })
    t.equal(speech.requests.length, asked, 'what is done is not done again')
  })

  await t.test('deleted: nothing is left of it', async t => {
    // What is worked with comes and goes.
    const files = () =>
      ['uploads', 'artifacts'].flatMap(folder =>
        readdirSync(join(service.dataDir, folder), { recursive: true })
          .map(name => join(folder, String(name)))
          .filter(name => name.includes(id)),
      )
    t.ok(files().length > 1)
    t.equal((await fetch(`${url}/videos/${id}?permanent=true`, { method: 'DELETE' })).status, 204)
    t.same(files(), [])
    for (const path of [
      '',
      '/stream',
      '/source',
      '/audio',
      '/poster',
      '/transcript',
      '/captions.vtt',
      '/captions.srt',
      '/events',
    ])
      t.equal((await fetch(`${url}/videos/${id}${path}`)).status, 404, path)
    t.equal((await fetch(`${url}/videos/${id}`, { method: 'DELETE' })).status, 404)
    t.equal((await fetch(`${url}/videos/${id}/retry`, { method: 'POST' })).status, 404)
    const head = await rawRequest(url, `/uploads/${id}`, {
      method: 'HEAD',
      headers: { 'tus-resumable': '1.0.0' },
    })
    t.ok([404, 410].includes(head.status), 'not even its upload')
    t.same(await search('quite'), [])
  })

  await t.test('deleted while it is worked on: the work is gone too', async t => {
    speech.hang()
    const before = speech.requests.length
    const other = await clip({ words: spacedOut(0.8), seconds: 5.5, video: false })
    const { id } = await postVideo(url, other, { title: 'Gone' })
    await until(() => speech.requests.length > before)
    t.equal((await fetch(`${url}/videos/${id}?permanent=true`, { method: 'DELETE' })).status, 204)
    const left = () =>
      readdirSync(service.dataDir, { recursive: true }).filter(name => String(name).includes(id))
    await until(() => left().length === 0)
    await until(
      () =>
        !existsSync(join(service.dataDir, 'tmp')) || readdirSync(join(service.dataDir, 'tmp')).length === 0,
    )
    const metrics = await (await fetch(`${url}/metrics`)).text()
    t.notMatch(metrics, /^longtake_steps\{[^}]*state="(pending|running)"\} [1-9]/m)
    t.match(
      await endedVideo(url, (await postVideo(url, other)).id),
      { transcript: 'apple moon river' },
      'the worker is free',
    )
  })
}
