// The cost of playing, beside nginx with sendfile: a large file as a whole, and the first byte of ranges for many players at once.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startChildProgram } from '../../test/support/child-program.ts'
import { bigClip } from '../../test/support/clips.ts'
import { freePort } from '../../test/support/free-port.ts'
import type { Postgres } from '../../test/support/postgres.ts'
import { startService } from '../../test/support/service.ts'
import { throwAwayDirectory } from '../../test/support/throw-away-directory.ts'
import { postVideo } from '../../test/support/video-api.ts'
import { nginxConfig, nginxVersion } from './nginx.ts'
import { median } from './results.ts'

const FILE_BYTES = 1024 ** 3
const PLAYERS = 50
/** Of each player: bytes that it asks for at a time, and how often, about as a player of 4 Mbit/s does. */
const PIECE_BYTES = 512 * 1024
const PAUSE_MS = 1000
const PIECES = 30

/** @param scale 1 for a full run. @returns Markdown. */
export async function benchPlaying(postgres: Postgres, scale: number, rounds: number): Promise<string> {
  const size = FILE_BYTES * scale
  const path = await bigClip(size, { words: [], faststart: false })
  const service = await startService({
    env: { DATABASE_URL: await postgres.createDatabase(), ROLE: 'api' },
  })
  const { id } = await postVideo(service.url, path)
  const servers = [{ name: 'Longtake', url: `${service.url}/videos/${id}/source`, stop: service.stop }]
  if (nginxVersion()) servers.push(await startNginx(path))
  try {
    const times = new Map(servers.map(({ name }) => [name, [] as number[]]))
    // The first round fills the page cache.
    for (let round = -1; round < rounds; round++)
      for (const { name, url } of servers) {
        const seconds = await download(url, size)
        if (round >= 0) times.get(name)!.push(seconds)
      }
    const rows: string[] = []
    for (const { name, url } of servers) {
      const waits = await play(url, size)
      const at = (share: number) => `${waits[Math.ceil(waits.length * share) - 1]!.toFixed(1)} ms`
      rows.push(`| ${name} | ${median(times.get(name)!).toFixed(2)} s | ${at(0.5)} | ${at(0.99)} |`)
    }
    return `Medians of ${rounds} rounds in turns, by curl. Then ${PLAYERS} players, each of which asks for ${PIECE_BYTES / 1024} KiB a second.

| server | ${size / 1024 ** 2} MiB | first byte of a range, p50 | p99 |
| --- | --- | --- | --- |
${rows.join('\n')}`
  } finally {
    for (const { stop } of servers) await stop()
  }
}

async function startNginx(path: string) {
  const directory = throwAwayDirectory('bench-nginx')
  const port = await freePort()
  const program = await startChildProgram({
    command: 'nginx',
    args: ['-p', directory, '-c', nginxConfig(directory, port, dirname(path)), '-e', 'stderr'],
    ready: line => (line.includes('start worker process') ? port : undefined),
    lastSignal: 'SIGKILL',
  })
  return {
    name: 'nginx, sendfile',
    url: `http://127.0.0.1:${port}/files/${basename(path)}`,
    stop: async () => {
      await program.end('SIGTERM')
    },
  }
}

/** @returns seconds. A client of its own: one in this process would be slower than what is measured. */
async function download(url: string, size: number): Promise<number> {
  const format = '%{http_code} %{size_download} %{time_total}'
  const { stdout } = await promisify(execFile)('curl', ['-s', '-o', '/dev/null', '-w', format, url])
  const [status, received, seconds] = stdout.split(' ').map(Number)
  if (status !== 200 || received !== size) throw new Error(`${url}: ${stdout}`)
  return seconds!
}

/** @returns for each range how long its first byte was waited for, in milliseconds, in ascending order. */
async function play(url: string, size: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: PLAYERS })
  const waits: number[] = []
  const first = performance.now()
  const player = async (n: number) => {
    for (let piece = 0; piece < PIECES; piece++) {
      // Each by its own clock: those that once waited together would else ask together ever after.
      await sleep(Math.max(0, first + PAUSE_MS * (piece + n / PLAYERS) - performance.now()))
      const began = performance.now()
      const start = Math.floor(Math.random() * (size - PIECE_BYTES))
      const asked = get(url, { agent, headers: { range: `bytes=${start}-${start + PIECE_BYTES - 1}` } })
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      if (response.statusCode !== 206) throw new Error(`${url}: ${response.statusCode}`)
      await once(response, 'readable')
      waits.push(performance.now() - began)
      response.resume()
      await once(response, 'end')
    }
  }
  await Promise.all(Array.from({ length: PLAYERS }, (_, n) => player(n)))
  agent.destroy()
  return waits.sort((a, b) => a - b)
}
