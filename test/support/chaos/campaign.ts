import { setTimeout as pause } from 'node:timers/promises'
import { doctor } from '../run-doctor.ts'
import { until } from '../until.ts'
import { getJson, sha256, type VideoView } from '../video-api.ts'
import { ChaosClient } from './client.ts'
import { Cluster, type ClusterOptions, timeOf } from './cluster.ts'
import { LateStop, type Member, ServiceMember } from './members.ts'
import { bytesOf, Random } from './random.ts'
import { recording, UPLOADS } from './uploads.ts'

/** One upload in this many is large enough for several parts of a multipart upload on S3. */
const ONE_LARGE_IN = 12
const DOCTOR_INTERVAL_MS = 2000

export interface CampaignOptions extends ClusterOptions {
  /** The same seed gives the same uploads and failures; their interleaving differs. */
  readonly seed: string
  readonly uploads: number
  readonly recordings: number
  /** How long failures go on, while uploads are made. */
  readonly seconds: number
  /** Uploads that are under way at the same time. */
  readonly parallel: number
  /** The longest time for which a process is frozen. */
  readonly maxFreezeMs: number
  readonly log: (line: string) => void
}

export interface CampaignResult {
  readonly uploads: Readonly<Record<string, number>>
  /** Bytes of all uploads and recordings. */
  readonly bytes: number
  readonly failures: Readonly<Record<string, number>>
  /** Requests that clients had to repeat, by the reason. */
  readonly retries: Readonly<Record<string, number>>
  /** Offsets that were refused (409), by the client: an earlier request, which it had given up, was carried out later. */
  readonly conflicts: Readonly<Record<string, number>>
  /** The faults that were found; empty if there are none. */
  readonly faults: readonly string[]
}

/**
 * Uploads through several processes while they, the database and the queue are killed, frozen and restarted at random. Then everything
 * runs again, and each upload must be exactly one video with its bytes.
 */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const cluster = await Cluster.start(options)
  const campaign = new Campaign(cluster, options)
  await campaign.run()
  return campaign.result(await cluster.stop())
}

class Campaign {
  readonly #cluster: Cluster
  readonly #options: CampaignOptions
  readonly #faults: string[] = []
  /** Hashes of the bytes by the id of the video. */
  readonly #expected = new Map<string, string>()
  readonly #uploads: Record<string, number> = {}
  #bytes = 0
  readonly #failures: Record<string, number> = {}
  readonly #clients: ChaosClient[] = []
  /** How many of database, queue and storage are away now, and when the last one that was away came back. */
  #serversAway = 0
  #serversBackAtMs = Number.NEGATIVE_INFINITY

  constructor(cluster: Cluster, options: CampaignOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  /** Never throws: an error that ends the run early is one of the faults. */
  async run(): Promise<void> {
    const over = new AbortController()
    const failing = this.#fail(over.signal)
    await this.#uploadAll()
    this.#options.log('all uploads are over')
    over.abort()
    await failing
    await this.#verify().catch(error => this.#faults.push(`the verification ended early: ${error}`))
  }

  /** @param lastFaults what was found after the run. */
  result(lastFaults: readonly string[]): CampaignResult {
    return {
      uploads: this.#uploads,
      bytes: this.#bytes,
      failures: this.#failures,
      retries: sumOf(this.#clients.map(({ retries }) => retries)),
      conflicts: sumOf(this.#clients.map(({ conflicts }) => conflicts)),
      faults: [...this.#faults, ...this.#cluster.faults, ...lastFaults],
    }
  }

  async #uploadAll(): Promise<void> {
    const { uploads, recordings, parallel } = this.#options
    const all = uploads + recordings
    let next = 0
    const worker = async () => {
      for (let n = next++; n < all; n = next++) await this.#upload(n, all)
    }
    await Promise.all(Array.from({ length: parallel }, worker))
  }

  async #upload(number: number, all: number): Promise<void> {
    const { seed, recordings } = this.#options
    const random = new Random(`${seed} upload ${number}`)
    const kinds = Object.keys(UPLOADS)
    // Evenly among the uploads.
    const isRecording =
      Math.floor(((number + 1) * recordings) / all) > Math.floor((number * recordings) / all)
    const kind = isRecording ? 'recording' : kinds[number % kinds.length]!
    const name = `${seed}-${number}`
    const isLarge = random.integer(1, ONE_LARGE_IN) === 1
    const size = isLarge ? random.integer(6_000_000, 12_000_000) : random.integer(20_000, 600_000)
    // An odd number of bytes: no two halves are of the same length.
    const bytes = bytesOf(name, size | 1)
    const client = new ChaosClient(this.#cluster.proxy.url, random)
    this.#clients.push(client)
    try {
      const chunkBytes = Math.ceil(bytes.length / random.integer(2, 8))
      const upload = isRecording ? recording : UPLOADS[kind]!
      const id = await upload({ client, random, name, bytes, chunkBytes })
      this.#expected.set(id, sha256(bytes))
      this.#uploads[kind] = (this.#uploads[kind] ?? 0) + 1
      this.#bytes += bytes.length
      if (Object.keys(client.conflicts).length > 0) this.#explain(`a refused offset of ${id}`, client)
    } catch (error) {
      this.#faults.push(`upload ${number} (${kind}): ${error}`)
      this.#explain(`upload ${number}`, client)
    }
  }

  /** Logs what a client and the processes say about its upload. */
  #explain(what: string, client: ChaosClient): void {
    const ids = new Set(client.trace.flatMap(line => /[0-9a-f-]{36}/.exec(line) ?? []))
    const logged = this.#cluster.logs
      .filter(({ line }) => [...ids].some(id => JSON.stringify(line).includes(id)))
      .map(({ name, line }) => `${new Date(timeOf(line)).toISOString()} ${name}: ${JSON.stringify(line)}`)
    for (const line of [...client.trace, ...logged].sort()) this.#options.log(`${what}: ${line}`)
  }

  /** One failure after the other until the time is over and all uploads are made. */
  async #fail(over: AbortSignal): Promise<void> {
    const { seed, seconds, log } = this.#options
    const random = new Random(`${seed} failures`)
    const end = performance.now() + seconds * 1000
    const running = new Map<Member, Promise<void>>()
    while (performance.now() < end && !over.aborted) {
      // An api process is the most likely one.
      const apis = this.#cluster.members.filter(({ name }) => name.startsWith('api'))
      const member = random.pick(random.next() < 0.5 ? apis : this.#cluster.members)
      const [what, work] = this.#failure(random, member)
      if (!running.has(member)) {
        log(`${what} ${member.name}`)
        this.#failures[what] = (this.#failures[what] ?? 0) + 1
        const done = this.#failOnce(what, member, work)
        running.set(
          member,
          done.finally(() => running.delete(member)),
        )
      }
      await pause(random.between(300, 1200))
    }
    await Promise.all(running.values())
  }

  async #failOnce(what: string, member: Member, work: () => Promise<void>): Promise<void> {
    const beganMs = performance.now()
    const isServer = !(member instanceof ServiceMember)
    if (isServer) this.#serversAway++
    try {
      await work()
    } catch (error) {
      const isExcused =
        error instanceof LateStop && (this.#serversAway > 0 || this.#serversBackAtMs > beganMs)
      if (isExcused) this.#options.log(error.message)
      else this.#faults.push(`${what} ${member.name}: ${error}`)
    } finally {
      if (isServer) {
        this.#serversAway--
        this.#serversBackAtMs = performance.now()
      }
    }
  }

  #failure(random: Random, member: Member): [string, () => Promise<void>] {
    const kind = random.next()
    const ms = random.between(100, this.#options.maxFreezeMs)
    if (kind < 0.45) return ['freeze', () => member.freeze(ms)]
    return kind < 0.8 ? ['crash', () => member.crash()] : ['restart', () => member.restart()]
  }

  async #verify(): Promise<void> {
    const { url } = this.#cluster.proxy
    const isOver = ({ status }: VideoView) => status === 'ready' || status === 'failed'
    const videos = await until(async () => {
      const all = await allVideos(url)
      return all.length >= this.#expected.size && all.every(isOver) && all
    }).catch(async error => {
      this.#faults.push(String(error))
      return allVideos(url)
    })
    const uploading = await allVideos(url, '&status=uploading')
    for (const video of uploading) this.#faults.push(`still being uploaded: ${JSON.stringify(video)}`)
    for (const { id } of videos) if (!this.#expected.has(id)) this.#faults.push(`${id} is a second video`)
    for (const [id, hash] of this.#expected) {
      const answer = await fetch(`${url}/videos/${id}/source`)
      const found = answer.ok ? sha256(Buffer.from(await answer.arrayBuffer())) : `${answer.status}`
      if (found !== hash) this.#faults.push(`${id} has other bytes: ${found}`)
    }
    // Leftovers are removed by the next sweeps.
    const visit = await until(
      async () => {
        const found = await doctor(this.#cluster.env)
        return found.code === 0 && found
      },
      { interval: DOCTOR_INTERVAL_MS },
    ).catch(() => doctor(this.#cluster.env))
    if (visit.code !== 0) this.#faults.push(`the doctor: ${visit.stdout} ${visit.stderr}`)
    for (const chunk of await this.#cluster.chunks()) this.#faults.push(`${chunk} is left over`)
  }
}

function sumOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const each of counts)
    for (const [name, count] of Object.entries(each)) total[name] = (total[name] ?? 0) + count
  return total
}

async function allVideos(url: string, filter = ''): Promise<VideoView[]> {
  const found: VideoView[] = []
  for (let cursor = ''; ; ) {
    const page = await getJson<{ items: VideoView[]; next_cursor: string | null }>(
      `${url}/videos?limit=100${filter}${cursor}`,
    )
    found.push(...page.items)
    if (!page.next_cursor) return found
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`
  }
}
