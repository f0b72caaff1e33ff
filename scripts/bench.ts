// Uploads side by side: Longtake, @tus/server as it comes, the least that Node has to do, and nginx. In turns within one run, because
// machines are shared and noisy; what counts are ratios of medians. Everything is on loopback and in throw-away directories.
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startPostgres } from '../test/support/postgres.ts'
import { type Case, casesAt } from './bench/cases.ts'
import { chartOf } from './bench/chart.ts'
import { CONTENDERS, type ContenderName, type Surroundings, startContender } from './bench/contender.ts'
import { benchGrowth } from './bench/growth.ts'
import { Load } from './bench/load.ts'
import { describeMachine, fileSystemOf, postgresVersion } from './bench/machine.ts'
import { type Measure, measure } from './bench/measure.ts'
import { nginxVersion } from './bench/nginx.ts'
import { benchPlaying } from './bench/playing.ts'
import { childNamed } from './bench/process-usage.ts'
import { benchProcesses } from './bench/processes.ts'
import { benchProcessing } from './bench/processing.ts'
import type { CaseResults, Result } from './bench/results.ts'
import { benchS3 } from './bench/s3.ts'
import { benchSearch } from './bench/search.ts'
import { benchSpeech, SPEECH_PARTS } from './bench/speech.ts'
import { tableOf } from './bench/table.ts'
import { verdicts } from './bench/targets.ts'

const USAGE = `npm run bench -- [options]
  --rounds N       turns of each server in each case, 1 to 50 (5)
  --only CASES     ${casesAt(1)
    .map(({ id }) => id)
    .join(
      ',',
    )}; or processes, s3, processing, search, playing, growth or speech, which are measured apart from the others
  --servers NAMES  ${Object.keys(CONTENDERS).join(',')}; all by default but embedded, which is slow to start and whose worker runs along
  --quick          a sixteenth of all sizes and counts
  --out DIRECTORY  where uploads.md and uploads.svg go; ./bench for a full run, nowhere else
  --cpu-prof DIR   writes a CPU profile of ours for each case
  --python PATH    for speech: a Python with faster-whisper, to compare with (python3)
  --parts PARTS    for speech: ${SPEECH_PARTS.join(',')}; all by default`
const NEEDED_BYTES = 6 * 1024 ** 3
const QUICK_SHARE = 1 / 16
/** Of all sizes and counts, in a turn before the first that counts. */
const WARM_UP_SHARE = 1 / 8

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}

function chosen<T extends string>(option: string | undefined, all: readonly T[]): T[] {
  const names = option?.split(',') ?? all
  const unknown = names.find(name => !all.some(one => one === name))
  if (unknown !== undefined) fail(`There is no ${unknown}.\n${USAGE}`)
  return all.filter(one => names.includes(one))
}

async function runCase(
  tested: Case,
  warmUp: Case,
  names: ContenderName[],
  around: Surroundings,
): Promise<CaseResults> {
  const contenders = []
  const lacking = new Map<ContenderName, string>()
  const measures = new Map<ContenderName, Measure[]>(names.map(name => [name, []]))
  for (const name of names) contenders.push(await startContender(name, around))
  try {
    for (const contender of contenders) {
      const load = new Load({ ...contender, connections: 1 })
      const lacks = await tested.lacks?.(load, contender.locks)
      load.close()
      if (lacks) lacking.set(contender.name, lacks)
      else await measure(contender, warmUp, database)
    }
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders.filter(({ name }) => !lacking.has(name)))
        measures.get(contender.name)!.push(await measure(contender, tested, database))
    }
  } finally {
    for (const contender of contenders) await contender.stop()
  }
  const results = names.map(
    (name): Result => ({ contender: name, measures: measures.get(name)!, lacks: lacking.get(name) }),
  )
  return { tested, results }
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    servers: { type: 'string' },
    quick: { type: 'boolean' },
    out: { type: 'string' },
    'cpu-prof': { type: 'string' },
    python: { type: 'string' },
    parts: { type: 'string' },
    help: { type: 'boolean' },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit()
}
if (process.platform !== 'linux') fail('The bench reads CPU times and memory from /proc: it needs Linux.')
if (values.only === 'processing') {
  await benchProcessing(values.quick ?? false)
  process.exit()
}
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50) fail(`--rounds is 1 to 50.\n${USAGE}`)
const scale = values.quick ? QUICK_SHARE : 1
if (values.only === 'speech') {
  const postgres = await startPostgres()
  const around = { postgres, profileDirectory: undefined }
  await benchSpeech(values.python ?? 'python3', chosen(values.parts, SPEECH_PARTS), { rounds, scale, around })
  await postgres.stop()
  process.exit()
}
if (values.only === 'search' || values.only === 'playing') {
  const postgres = await startPostgres()
  const version = postgresVersion(childNamed('postgres'))
  console.log(`${describeMachine()}, PostgreSQL ${version}.\n`)
  if (values.only === 'playing') console.log(await benchPlaying(postgres, scale, rounds))
  else console.log(await benchSearch(postgres, scale, values.quick ? 100 : 1000))
  await postgres.stop()
  process.exit()
}
if (values.only === 'processes' || values.only === 's3') {
  const postgres = await startPostgres()
  console.log(`${describeMachine()}, PostgreSQL ${postgresVersion(childNamed('postgres'))}.\n`)
  const bench = values.only === 's3' ? benchS3 : benchProcesses
  console.log(await bench(postgres, scale, rounds))
  await postgres.stop()
  process.exit()
}
if (values.only === 'growth') {
  const postgres = await startPostgres()
  const { text, chart } = await benchGrowth(postgres, scale)
  console.log(`${describeMachine()}, PostgreSQL ${postgresVersion(childNamed('postgres'))}.\n\n${text}`)
  if (values.out) {
    mkdirSync(values.out, { recursive: true })
    writeFileSync(join(values.out, 'growth.svg'), chart)
  }
  await postgres.stop()
  process.exit()
}
const room = statfsSync(tmpdir())
if (room.bavail * room.bsize < NEEDED_BYTES * scale)
  fail(`${tmpdir()} has less than ${6 * scale} GiB of room.`)
const ids = chosen(
  values.only,
  casesAt(1).map(({ id }) => id),
)
const everyone = Object.keys(CONTENDERS) as ContenderName[]
let names = values.servers ? chosen(values.servers, everyone) : everyone.filter(name => name !== 'embedded')
if (names.includes('nginx') && !nginxVersion()) {
  console.log('nginx is not installed, or has no WebDAV: it is left out.\n')
  names = names.filter(name => name !== 'nginx')
}
if (fileSystemOf(tmpdir()) === 'tmpfs')
  console.log(`${tmpdir()} is in memory, where nothing is ever written to a disk: set TMPDIR.\n`)

const postgres = await startPostgres()
const database = childNamed('postgres')
const around = { postgres, profileDirectory: values['cpu-prof'] }
const intro = `${describeMachine()}, PostgreSQL ${postgresVersion(database)}.

Medians of ${rounds} rounds in turns. Longtake and the bare server sync before they answer; @tus/server and nginx sync nothing. nginx takes
each request as the PUT of a file of its own. The load generator's column is its own share of one core.`
const isFull = scale === 1 && !values.only && !values.servers
const out = values.out ?? (isFull ? join(import.meta.dirname, '..', 'bench') : undefined)
const blocks = [intro]
const all: CaseResults[] = []
/** After each case: a run that is cut off leaves what it has found. */
function write(): void {
  if (!out) return
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'uploads.md'), `${blocks.join('\n\n')}\n`)
  writeFileSync(join(out, 'uploads.svg'), chartOf(all))
}
console.log(`${intro}\n`)
for (const id of ids) {
  const at = (size: number) => casesAt(size).find(one => one.id === id)!
  const results = await runCase(at(scale), at(Math.min(scale, WARM_UP_SHARE)), names, around)
  all.push(results)
  blocks.push(`**${results.tested.name}**`, tableOf(results))
  console.log(`${blocks.slice(-2).join('\n\n')}\n`)
  write()
}
if (scale === 1) {
  blocks.push(
    verdicts(all)
      .map(line => `- ${line}`)
      .join('\n'),
  )
  console.log(blocks.at(-1))
}
write()
await postgres.stop()
process.exit()
