// Lists and searches in a large catalogue on PostgreSQL, over HTTP.
import { SignJWT } from 'jose'
import pg from 'pg'
import { pino } from 'pino'
import { openPostgres } from '../../src/database/pg-database.ts'
import { foldedWords } from '../../src/videos/search/search-text.ts'
import { ownerMark, pairsOf, sliceMark, sliceOf } from '../../src/videos/search/search-vectors.ts'
import type { Postgres } from '../../test/support/postgres.ts'
import { startService } from '../../test/support/service.ts'

/** Of a full run. */
const VIDEOS = 100_000
const WORDS = 500
/** Words of one segment. */
const SEGMENT_WORDS = 10
const BATCH_VIDEOS = 500
/** The limit for p99, in milliseconds. */
const TARGET_MS = 50
const VOCABULARY_WORDS = 20_000
/** Videos are shared out among so many. */
const OWNERS = 100
const TOKENS = { JWT_SECRET: 'bench-'.repeat(8), JWT_ISSUER: 'https://id.example', JWT_AUDIENCE: 'bench' }

/** @param scale 1 for a full run. @returns Markdown. */
export async function benchSearch(postgres: Postgres, scale: number, requests: number): Promise<string> {
  const url = await postgres.createDatabase()
  const text = new Text()
  const count = Math.round(VIDEOS * scale)
  await fill(url, count, text)
  const auth = { AUTH: 'jwt', JWT_ALGORITHM: 'HS256', ...TOKENS, RATE_LIMIT: 'off' }
  const service = await startService({ env: { DATABASE_URL: url, ROLE: 'api', ...auth } })
  const [admin, owner] = await Promise.all([tokenOf('operator', 'read admin'), tokenOf('owner7', 'read')])
  const rows: string[] = []
  try {
    for (const [name, query, isOwn] of casesOf(text)) {
      const headers = { authorization: `Bearer ${isOwn ? owner : admin}` }
      const times: number[] = []
      let found = 0
      for (let n = -20; n < requests; n++) {
        const began = performance.now()
        const answer = await fetch(`${service.url}/videos?${query(n)}`, { headers })
        const body = (await answer.json()) as { items: unknown[] }
        if (!answer.ok) throw new Error(`${name}: ${answer.status} ${JSON.stringify(body)}`)
        // The first ones fill caches and do not count.
        if (n >= 0) times.push(performance.now() - began)
        found += body.items.length
      }
      times.sort((a, b) => a - b)
      const at = (share: number) => times[Math.min(times.length - 1, Math.ceil(times.length * share) - 1)]!
      const verdict = at(0.99) < TARGET_MS ? 'yes' : 'no'
      const items = Math.round(found / (requests + 20))
      console.error(`${name}: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms`)
      rows.push(
        `| ${name} | ${items} | ${[0.5, 0.95, 0.99].map(share => `${at(share).toFixed(1)} ms`).join(' | ')} | ${verdict} |`,
      )
    }
  } finally {
    await service.stop()
  }
  return `${count} videos of ${WORDS} words, ${requests} requests of each kind, one after the other.

| request | items | p50 | p95 | p99 | below ${TARGET_MS} ms |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}`
}

function tokenOf(subject: string, scope: string): Promise<string> {
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setIssuer(TOKENS.JWT_ISSUER)
    .setAudience(TOKENS.JWT_AUDIENCE)
    .setExpirationTime('1d')
    .sign(Buffer.from(TOKENS.JWT_SECRET))
}

type Query = (n: number) => string
type Case = [name: string, query: Query, isOwn?: true]

function casesOf(text: Text): Case[] {
  const q =
    (words: (n: number) => string): Query =>
    n =>
      new URLSearchParams({ q: words(n) }).toString()
  const word = (rank: number) => (n: number) => text.word(rank + (Math.abs(n) % 20))
  return [
    ['list, the latest', () => ''],
    ['list, 100 by title', () => 'limit=100&sort=title'],
    ['list, by status and tag', n => `status=ready&tag=tag${Math.abs(n) % 50}`],
    ['a word of nearly every video', q(word(0))],
    ['a word of one in twenty', q(word(1000))],
    ['a rare word', q(word(15_000))],
    ['two common words', q(n => `${word(0)(n)} ${word(20)(n)}`)],
    ['a common and a rare word', q(n => `${word(0)(n)} ${word(10_000)(n)}`)],
    ['a phrase of common words', q(n => `"${word(0)(n)} ${word(20)(n)}"`)],
    ['one word without another', q(n => `${word(300)(n)} -${word(100)(n)}`)],
    ['the beginning of a word', q(n => `${word(2000)(n).slice(0, 5)}*`)],
    ["a common word, among one owner's thousand", q(word(0)), true],
    ["a rare word, among one owner's thousand", q(word(10_000)), true],
    ['a common word, by title, with a tag', n => `sort=title&tag=tag${Math.abs(n) % 50}&${q(word(0))(n)}`],
  ]
}

/** Made-up words, as frequent as those of a language: the n-th a n-th as often as the first (Zipf). The same in every run. */
class Text {
  readonly #words: string[] = []
  readonly #sums = new Float64Array(VOCABULARY_WORDS)
  #seed = 1

  constructor() {
    const syllables =
      'ba be bi bo bu da de di do du fa fe ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe ra re ri ro sa se si so ta te ti to va ve vi vo'.split(
        ' ',
      )
    const known = new Set<string>()
    for (let sum = 0; known.size < VOCABULARY_WORDS; ) {
      const length = 2 + Math.floor(this.#random() * 4)
      const stem = Array.from(
        { length },
        () => syllables[Math.floor(this.#random() * syllables.length)],
      ).join('')
      const word = stem + (['s', 'ing', 'ed'][Math.floor(this.#random() * 10)] ?? '')
      if (known.has(word)) continue
      sum += 1 / (known.size + 1)
      this.#sums[known.size] = sum
      known.add(word)
      this.#words.push(word)
    }
  }

  word(rank: number): string {
    return this.#words[rank]!
  }

  make(length: number): string {
    return Array.from({ length }, () => this.#words[this.#pick()]).join(' ')
  }

  #pick(): number {
    const wanted = this.#random() * this.#sums[VOCABULARY_WORDS - 1]!
    let [low, high] = [0, VOCABULARY_WORDS - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#sums[middle]! < wanted) low = middle + 1
      else high = middle
    }
    return low
  }

  /** mulberry32 */
  #random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0
    let x = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

async function fill(url: string, count: number, text: Text): Promise<void> {
  const { close } = await openPostgres(url, pino({ level: 'silent' }))
  await close()
  const clients = await Promise.all(
    [0, 1].map(async () => {
      const client = new pg.Client(url)
      await client.connect()
      await client.query('set synchronous_commit = off')
      return client
    }),
  )
  const [first] = clients as [pg.Client, pg.Client]
  const indexes = ['search', 'heading'].map(name => ({
    drop: `drop index video_search_${name}`,
    create: `create index video_search_${name} on video_search using gin (${name})`,
  }))
  for (const { drop } of indexes) await first.query(drop)
  let next = 0
  const work = clients.map(async client => {
    while (next < count) {
      const from = next
      next += BATCH_VIDEOS
      await insertVideos(client, from, Math.min(BATCH_VIDEOS, count - from), text)
    }
  })
  await Promise.all(work)
  await first.query(`set maintenance_work_mem = '512MB'`)
  for (const { create } of indexes) await first.query(create)
  await first.query('vacuum analyze')
  for (const client of clients) await client.end()
}

async function insertVideos(client: pg.Client, from: number, count: number, text: Text): Promise<void> {
  const videos = Array.from({ length: count }, (_, index) => {
    const n = from + index
    const segments = Array.from({ length: WORDS / SEGMENT_WORDS }, (_, at) => ({
      start: at * 4,
      end: at * 4 + 3.5,
      text: text.make(SEGMENT_WORDS),
    }))
    const title = text.make(5)
    const spoken = segments.map(segment => segment.text).join(' ')
    return {
      id: `019b0000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
      n,
      title,
      tag: `tag${n % 1000}`,
      owner: `owner${n % OWNERS}`,
      segments,
      spoken,
      titleMarks: marksOf(n, title),
      marks: marksOf(n, title, spoken),
    }
  })
  const json = JSON.stringify(videos)
  const rows = `jsonb_to_recordset($1::jsonb) as v (id uuid, n bigint, title text, tag text, owner text, segments jsonb, spoken text, "titleMarks" text[], marks text[])`
  await client.query(
    `insert into videos (id, title, owner, size, storage_key, status, tags, duration, created_at)
      select id, title, owner, n, 'uploads/' || id, 'ready', array[tag], 200, timestamptz '2025-01-01' + n * interval '1 minute' from ${rows}`,
    [json],
  )
  await client.query(
    `insert into steps (video_id, name, state) select id, name, 'done' from ${rows}, unnest(array['probe', 'audio', 'poster', 'transcribe']) as name`,
    [json],
  )
  await client.query(
    `insert into transcripts (video_id, revision, origin, language, text, segments) select id, 1, 'machine', 'en', spoken, segments from ${rows}`,
    [json],
  )
  await client.query(
    `insert into video_search (video_id, n, config, heading, search)
      select id, n, 'english', heading || array_to_tsvector("titleMarks"),
        heading || to_tsvector('simple', spoken) || to_tsvector('english', spoken) || array_to_tsvector(marks)
      from (select *, setweight(to_tsvector('simple', title) || to_tsvector('english', title), 'A') as heading from ${rows}) as v`,
    [json],
  )
}

/** The entries of a video in the index that are not words: its slice, its owner, and pairs of words. */
function marksOf(n: number, ...texts: readonly string[]): string[] {
  const marks = [sliceMark(sliceOf(n)), ownerMark(`owner${n % OWNERS}`)]
  return [...new Set([...marks, ...texts.flatMap(text => [...pairsOf(foldedWords(text))])])]
}
