import { setTimeout as pause } from 'node:timers/promises'
import { storedFiles } from '../leftovers.ts'
import { doctor } from '../run-doctor.ts'
import { until } from '../until.ts'
import { getJson, sha256, type VideoView } from '../video-api.ts'
import { ChaosClient } from './client.ts'
import { Cluster, type ClusterOptions, type Member } from './cluster.ts'
import { bytesOf, Random } from './random.ts'
import { UPLOADS } from './uploads.ts'

export interface CampaignOptions extends ClusterOptions {
  /** The same seed gives the same uploads and failures; their interleaving differs. */
  readonly seed: string
  readonly uploads: number
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
  readonly failures: Readonly<Record<string, number>>
  /** Requests that clients had to repeat, by the reason. */
  readonly retries: Readonly<Record<string, number>>
  readonly conflicts: number
  /** The faults that were found; empty if there are none. */
  readonly faults: readonly string[]
}

/**
 * Uploads through several processes while they, the database and the queue are killed, frozen and restarted at random. Then everything
 * runs again, and each upload must be exactly one video with its bytes.
 */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const cluster = await Cluster.start(options)
  try {
    return await new Campaign(cluster, options).run()
  } finally {
    await cluster.stop()
  }
}

class Campaign {
  readonly #cluster: Cluster
  readonly #options: CampaignOptions
  readonly #faults: string[] = []
  /** Hashes of the bytes by the id of the video. */
  readonly #expected = new Map<string, string>()
  readonly #uploads: Record<string, number> = {}
  readonly #failures: Record<string, number> = {}
  readonly #clients: ChaosClient[] = []

  constructor(cluster: Cluster, options: CampaignOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  async run(): Promise<CampaignResult> {
    const over = new AbortController()
    const failing = this.#fail(over.signal)
    await this.#uploadAll()
    over.abort()
    await failing
    await this.#verify()
    const retries: Record<string, number> = {}
    for (const client of this.#clients)
      for (const [reason, count] of Object.entries(client.retries))
        retries[reason] = (retries[reason] ?? 0) + count
    return {
      uploads: this.#uploads,
      failures: this.#failures,
      retries,
      conflicts: this.#clients.reduce((sum, { conflicts }) => sum + conflicts, 0),
      faults: [...this.#faults, ...this.#cluster.faults],
    }
  }

  async #uploadAll(): Promise<void> {
    const { uploads, parallel } = this.#options
    let next = 0
    const worker = async () => {
      for (let n = next++; n < uploads; n = next++) await this.#upload(n)
    }
    await Promise.all(Array.from({ length: parallel }, worker))
  }

  async #upload(number: number): Promise<void> {
    const { seed } = this.#options
    const random = new Random(`${seed} upload ${number}`)
    const kinds = Object.keys(UPLOADS)
    const kind = kinds[number % kinds.length]!
    const name = `${seed}-${number}`
    const bytes = bytesOf(name, random.integer(20_000, 600_000))
    const client = new ChaosClient(this.#cluster.proxy.url, random)
    this.#clients.push(client)
    try {
      const chunkBytes = Math.ceil(bytes.length / random.integer(2, 8))
      const id = await UPLOADS[kind]!({ client, random, name, bytes, chunkBytes })
      this.#expected.set(id, sha256(bytes))
      this.#uploads[kind] = (this.#uploads[kind] ?? 0) + 1
    } catch (error) {
      this.#faults.push(`upload ${number} (${kind}): ${error}`)
    }
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
        const done = work().catch(error => void this.#faults.push(`${what} ${member.name}: ${error}`))
        running.set(
          member,
          done.finally(() => running.delete(member)),
        )
      }
      await pause(random.between(300, 1200))
    }
    await Promise.all(running.values())
  }

  #failure(random: Random, member: Member): [string, () => Promise<void>] {
    const kind = random.next()
    const ms = random.between(100, this.#options.maxFreezeMs)
    if (kind < 0.45 && member.freeze) return ['freeze', () => member.freeze!(ms)]
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
    const { code, stdout, stderr } = await doctor(this.#cluster.env)
    if (code !== 0) this.#faults.push(`the doctor: ${stdout} ${stderr}`)
    for (const file of await storedFiles(this.#cluster.dataDir, 'recordings'))
      this.#faults.push(`${file} is left over`)
  }
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
