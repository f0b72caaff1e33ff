// Uploads side by side: ours, @tus/server as it comes, and the least that Node has to do. In turns within one run, because machines are
// shared and noisy; what counts are the ratios.
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { startPostgres } from '../test/support/postgres.ts'
import { type Contender, startContender } from './bench/contender.ts'
import { Load } from './bench/load.ts'

const KiB = 1024
const MiB = 1024 * KiB
const GiB = 1024 * MiB

interface Case {
  readonly name: string
  readonly connections: number
  /** What the wall time is divided by: gibibytes, or requests. */
  readonly units: number
  readonly unit: 'GiB' | 'request'
  run(load: Load): Promise<void>
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean' },
  },
})
const scale = values.quick ? 1 / 16 : 1
const times = (count: number, work: () => Promise<void>) => Promise.all(Array.from({ length: count }, work))

const CASES: Case[] = [
  {
    name: 'one 1 GiB PATCH',
    connections: 1,
    units: scale,
    unit: 'GiB',
    run: load => load.upload(GiB * scale),
  },
  {
    name: '5 MiB chunks',
    connections: 1,
    units: scale / 4,
    unit: 'GiB',
    run: load => load.upload((GiB * scale) / 4, 5 * MiB),
  },
  {
    name: '64 KiB chunks, 8 at once',
    connections: 8,
    units: 8 * 256 * scale,
    unit: 'request',
    run: async load => {
      await times(8, () => load.upload(256 * scale * 64 * KiB, 64 * KiB))
    },
  },
  {
    name: '100 uploads of 1 MiB at once',
    connections: 100,
    units: 100,
    unit: 'request',
    run: async load => {
      await times(100, () => load.upload(MiB))
    },
  },
  {
    name: 'creation, 8 at once',
    connections: 8,
    units: 1024 * scale,
    unit: 'request',
    run: async load => {
      await times(8, async () => {
        for (let n = 0; n < 128 * scale; n++) await load.create(MiB)
      })
    },
  },
]

interface Measure {
  readonly wall: number
  readonly cpu: number
  readonly peak: number
}

async function measure(contender: Contender, { connections, run }: Case): Promise<Measure> {
  const load = new Load(contender.url, connections)
  contender.resetPeak()
  const [cpu, began] = [contender.cpu(), performance.now()]
  await run(load)
  const wall = (performance.now() - began) / 1000
  load.close()
  return { wall, cpu: contender.cpu() - cpu, peak: contender.peak() }
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
}

const postgres = await startPostgres()
const quiet = { LOG_LEVEL: 'warn', ROLE: 'api', DATABASE_URL: await postgres.createDatabase() }
const contenders = [
  await startContender('ours', '../../src/main.ts', quiet),
  await startContender('stock', 'stock-server.ts'),
  await startContender('bare', 'bare-server.ts'),
]
console.log(
  `${cpus().length} cores (${cpus()[0]!.model}), ${Math.round(totalmem() / GiB)} GiB, Node ${process.version}\n`,
)
console.log('| case | server | wall | CPU | peak memory | wall, times ours | CPU, times ours |')
console.log('| --- | --- | --- | --- | --- | --- | --- |')
for (const one of CASES.filter(({ name }) => name.includes(values.only))) {
  const measures = new Map<string, Measure[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const contender of contenders) measures.get(contender.name)!.push(await measure(contender, one))
  }
  const medianOf = (name: string, key: keyof Measure) => median(measures.get(name)!.map(one => one[key]))
  for (const { name } of contenders) {
    const [wall, cpu] = [medianOf(name, 'wall'), medianOf(name, 'cpu')]
    const perUnit = (seconds: number) =>
      one.unit === 'GiB'
        ? `${(seconds / one.units).toFixed(2)} s/GiB`
        : `${((1000 * seconds) / one.units).toFixed(2)} ms`
    const ratio = (value: number, key: keyof Measure) => (value / medianOf('ours', key)).toFixed(2)
    console.log(
      `| ${one.name} | ${name} | ${perUnit(wall)} | ${perUnit(cpu)} | ${medianOf(name, 'peak').toFixed(0)} MiB | ${ratio(wall, 'wall')} | ${ratio(cpu, 'cpu')} |`,
    )
  }
}
await Promise.all(contenders.map(contender => contender.stop()))
await postgres.stop()
process.exit(0)
