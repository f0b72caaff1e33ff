// Uploads through several processes while these processes, the database, the queue and the storage are killed, frozen and restarted at random.
// Everything runs on loopback and in temporary directories.
import { parseArgs } from 'node:util'
import { runCampaign } from '../test/support/chaos/campaign.ts'

const USAGE = `SEED=… npm run chaos -- [options]
  --storage S    disk or s3 (default: disk if the seed is even, s3 if it is odd)
  --uploads N    number of uploads, of every kind in turn (200)
  --recordings N number of recordings (20)
  --parallel N   number of concurrent uploads and recordings (all)
  --seconds N    time during which processes fail (60); uploads that are unfinished then continue without failures
  --apis N       api processes behind a round-robin proxy (3)
  --workers N    worker processes (2)
  --freeze MS    maximum time for which a process is frozen (10000)

The same SEED results in the same uploads and failures. The exit code is 1 if anything was lost, duplicated or left over.`

const { values } = parseArgs({
  options: {
    storage: { type: 'string' },
    uploads: { type: 'string', default: '200' },
    recordings: { type: 'string', default: '20' },
    parallel: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    apis: { type: 'string', default: '3' },
    workers: { type: 'string', default: '2' },
    freeze: { type: 'string', default: '10000' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const seed = process.env['SEED'] || String(Date.now() % 1_000_000)
const storage = values.storage ?? (Number(seed) % 2 === 1 ? 's3' : 'disk')
if (storage !== 'disk' && storage !== 's3') throw new Error(`--storage: not disk or s3: ${storage}`)
const uploads = Number(values.uploads)
const recordings = Number(values.recordings)
const began = performance.now()
const at = () => `${((performance.now() - began) / 1000).toFixed(1)} s`
console.log(`SEED=${seed} --storage ${storage}`)
const { faults, ...counts } = await runCampaign({
  seed,
  storage,
  uploads,
  recordings,
  parallel: Number(values.parallel ?? uploads + recordings),
  seconds: Number(values.seconds),
  apis: Number(values.apis),
  workers: Number(values.workers),
  maxFreezeMs: Number(values.freeze),
  log: line => console.log(`${at()} ${line}`),
})
console.log(JSON.stringify({ ...counts, seconds: Math.round((performance.now() - began) / 1000) }))
for (const fault of faults) console.error(`FAULT ${fault}`)
process.exit(faults.length > 0 ? 1 : 0)
