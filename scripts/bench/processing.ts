// The cost of processing: CPU seconds of each step for a minute of footage, and how throughput grows with workers. On the served flavour,
// with one api process; all of it on this machine, so that workers share its cores.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STEP_NAMES, type StepName } from '../../src/database/tables/steps.ts'
import { NatsServer } from '../../test/support/nats-server.ts'
import { startPostgres } from '../../test/support/postgres.ts'
import { type Service, startService } from '../../test/support/service.ts'
import { until } from '../../test/support/until.ts'
import { getJson, postVideo, type VideoView } from '../../test/support/video-api.ts'
import { describeMachine } from './machine.ts'
import { cpuOf } from './process-usage.ts'

const STEPS = STEP_NAMES.filter(name => name !== 'transcribe')
const WORKERS = [1, 2, 4]
/** Milliseconds that one video may take. */
const PATIENCE = { timeout: 1_800_000 }
/** Seconds of a film that is encoded once and then repeated. */
const LOOP_S = 10

interface Footage {
  readonly name: string
  readonly extension: string
  readonly codecs: readonly string[]
}

const AAC = ['-c:a', 'aac', '-b:a', '128k']
const H264 = [
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-pix_fmt',
  'yuv420p',
  '-g',
  '60',
  '-b:v',
  '8M',
  ...AAC,
]
const PQ = 'log-level=error:keyint=60:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc'
const FOOTAGE: readonly Footage[] = [
  {
    name: 'H.264 and AAC, plays as it is',
    extension: 'mp4',
    codecs: [...H264, '-movflags', '+faststart'],
  },
  { name: 'H.264 and AAC in MOV, remuxed', extension: 'mov', codecs: H264 },
  {
    name: 'MPEG-4 and MP3 in AVI, transcoded',
    extension: 'avi',
    codecs: ['-c:v', 'mpeg4', '-g', '60', '-b:v', '8M', '-c:a', 'libmp3lame'],
  },
  {
    name: 'HEVC in PQ and AAC in MKV, transcoded',
    extension: 'mkv',
    codecs: [
      ...['-pix_fmt', 'yuv420p10le', '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', PQ],
      ...['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc', '-b:v', '4M'],
      ...AAC,
    ],
  },
]
/** The one that workers share. */
const SHARED = FOOTAGE[2]!

/** Prints both tables, in Markdown. @param quick a tenth of the footage, of a quarter of the size. */
export async function benchProcessing(quick: boolean): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'longtake-bench-'))
  const size = quick ? '960x540' : '1920x1080'
  const seconds = quick ? 10 : 60
  try {
    console.log(`${describeMachine()}. Footage of ${size} at 30 pictures a second.\n`)
    const films = FOOTAGE.map(footage => ({ footage, path: film(directory, footage, size, seconds) }))
    console.log(`**CPU seconds of processing per minute of footage**, each step alone, one worker\n`)
    console.log(row(['footage', ...STEPS]))
    console.log(row(['---', ...STEPS.map(() => '---')]))
    await served(directory, async (api, startWorkers) => {
      const { pids, stop } = await startWorkers(1)
      for (const { footage, path } of films) {
        const { id } = await ready(api, (await postVideo(api.url, path)).id)
        const costs: string[] = []
        for (const step of STEPS)
          costs.push(
            `${((60 / seconds) * (await runAlone(api, id, { step, worker: pids[0]! }))).toFixed(1)} s`,
          )
        console.log(row([footage.name, ...costs]))
      }
      await stop()
    })

    const count = quick ? 4 : 8
    const path = film(directory, SHARED, size, seconds / 3)
    console.log(
      `\n**${count} videos of ${Math.round(seconds / 3)} s, MPEG-4, transcoded**, waiting when the workers start\n`,
    )
    console.log(row(['workers', 'minutes of footage a minute', 'to one worker']))
    console.log(row(['---', '---', '---']))
    let one: number | undefined
    for (const workers of WORKERS) {
      const rate = await throughput(directory, path, count, workers, seconds / 3)
      one ??= rate
      console.log(row([String(workers), rate.toFixed(2), `${(rate / one).toFixed(2)}×`]))
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function film(directory: string, { extension, codecs }: Footage, size: string, seconds: number): string {
  const once = join(directory, `once-${size}.${extension}`)
  const path = join(directory, `${seconds}.${extension}`)
  const ffmpeg = (...args: string[]) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args])
  const picture = `testsrc2=size=${size}:rate=30:duration=${LOOP_S}`
  const sound = `sine=frequency=440:sample_rate=48000:duration=${LOOP_S}`
  ffmpeg('-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', sound, ...codecs, once)
  ffmpeg(
    '-stream_loop',
    String(Math.ceil(seconds / LOOP_S) - 1),
    '-i',
    once,
    '-t',
    String(seconds),
    '-c',
    'copy',
    path,
  )
  return path
}

interface Workers {
  readonly pids: readonly number[]
  stop(): Promise<void>
}

type StartWorkers = (count: number) => Promise<Workers>

async function served(
  directory: string,
  use: (api: Service, startWorkers: StartWorkers) => Promise<void>,
): Promise<void> {
  const [postgres, nats] = await Promise.all([startPostgres(), NatsServer.start()])
  const env = {
    DATABASE_URL: await postgres.createDatabase(),
    NATS_URL: nats.url,
    DATA_DIR: mkdtempSync(join(directory, 'data-')),
    LOG_LEVEL: 'info',
  }
  const api = await startService({ env: { ...env, ROLE: 'api' } })
  try {
    await use(api, async count => {
      const started = Array.from({ length: count }, () => startService({ env: { ...env, ROLE: 'worker' } }))
      const workers = await Promise.all(started)
      return {
        pids: workers.map(({ pid }) => pid),
        async stop() {
          await Promise.all(workers.map(worker => worker.stop()))
        },
      }
    })
  } finally {
    await api.stop()
    await Promise.all([postgres.stop(), nats.stop()])
  }
}

async function ready(api: Service, id: string): Promise<VideoView> {
  return until(async () => {
    const video = await getJson(`${api.url}/videos/${id}`)
    if (video.status === 'failed') throw new Error('the footage cannot be used')
    return video.status === 'ready' && video
  }, PATIENCE)
}

/** Runs a step of a video that is ready, with nothing else to do. @returns seconds of CPU, of the programs that it starts as well. */
async function runAlone(
  api: Service,
  id: string,
  { step, worker }: { step: StepName; worker: number },
): Promise<number> {
  const before = cpuOf(worker)
  await getJson(`${api.url}/videos/${id}/retry?step=${step}`, { method: 'POST' })
  await ready(api, id)
  return cpuOf(worker) - before
}

/** @returns minutes of footage that are processed in a minute. */
async function throughput(
  directory: string,
  path: string,
  count: number,
  workers: number,
  seconds: number,
): Promise<number> {
  let took = 0
  await served(directory, async (api, startWorkers) => {
    const ids: string[] = []
    for (let video = 0; video < count; video++) ids.push((await postVideo(api.url, path)).id)
    const began = performance.now()
    const { stop } = await startWorkers(workers)
    for (const id of ids) await ready(api, id)
    took = (performance.now() - began) / 1000
    await stop()
  })
  return (count * seconds) / took
}
