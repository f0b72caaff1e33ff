// Uploads to S3 beside the same bytes sent by the SDK to the same S3 server, and the requests and statements that a small PATCH costs.
import { crc32 } from 'node:zlib'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import pg from 'pg'
import { storageUrl } from '../../src/config/storage-url.ts'
import type { Postgres } from '../../test/support/postgres.ts'
import { S3Faults } from '../../test/support/s3-faults.ts'
import { S3_CREDENTIALS, S3Server } from '../../test/support/s3-server.ts'
import { throwAwayDirectory } from '../../test/support/throw-away-directory.ts'
import { seconds } from './figures.ts'
import { Load } from './load.ts'
import { cpuOf, peakOf, resetPeak } from './process-usage.ts'
import { type QuietService, startQuietService } from './quiet-service.ts'
import { median } from './results.ts'

const MIB_BYTES = 2 ** 20
const FULL_BYTES = 1024 * MIB_BYTES
const PART_BYTES = 8 * MIB_BYTES
const PARALLEL_PARTS = 4
const SMALL_BYTES = 64 * 1024
const SMALL_COUNT = 256
/** The goal: a share of the rate of the faster direct upload. */
const TARGET_SHARE = 0.9

interface Contender {
  readonly name: string
  /** Uploads this number of bytes. @returns a function that removes them. */
  readonly upload: (bytes: number) => Promise<() => Promise<unknown>>
}

/** @param scale 1 for a full run. @returns Markdown. */
export async function benchS3(postgres: Postgres, scale: number, rounds: number): Promise<string> {
  const server = await S3Server.start()
  const size = Math.ceil((FULL_BYTES * scale) / MIB_BYTES) * MIB_BYTES
  const rates = await compare(postgres, server, size, rounds)
  const costs = await countCosts(postgres, server)
  await server.stop('SIGTERM')
  return `${rates}\n\n${costs}`
}

async function compare(postgres: Postgres, server: S3Server, size: number, rounds: number): Promise<string> {
  const service = await serviceOn(await postgres.createDatabase(), server.url('bench'))
  const load = new Load({ url: service.url, protocol: 'tus', connections: 1 })
  const location = storageUrl(server.url('direct'), 'STORAGE_URL')
  const client = new S3Client({
    region: location.region,
    forcePathStyle: location.pathStyle,
    // The checksum of each body is computed here, as Longtake does.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(location.endpoint && { endpoint: location.endpoint }),
    credentials: {
      accessKeyId: S3_CREDENTIALS.AWS_ACCESS_KEY_ID,
      secretAccessKey: S3_CREDENTIALS.AWS_SECRET_ACCESS_KEY,
    },
  })
  const contenders: Contender[] = [
    {
      name: 'Longtake, one PATCH',
      async upload(bytes) {
        const path = await load.create(bytes)
        await load.send(path, bytes)
        return () => fetch(`${service.url}/videos/${path.split('/').at(-1)}`, { method: 'DELETE' })
      },
    },
    { name: 'SDK, multipart', upload: bytes => multipart(client, location.bucket, bytes) },
    { name: 'SDK, one PUT', upload: bytes => put(client, location.bucket, bytes) },
  ]
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  let cpu = 0
  for (let round = -1; round < rounds; round++)
    for (const { name, upload } of contenders) {
      const isOurs = name.startsWith('Longtake')
      if (isOurs) resetPeak(service.pid)
      const cpuBefore = cpuOf(service.pid)
      const began = performance.now()
      const remove = await upload(round < 0 ? PART_BYTES * 8 : size)
      if (round >= 0) times.get(name)!.push((performance.now() - began) / 1000)
      if (round >= 0 && isOurs) cpu += (cpuOf(service.pid) - cpuBefore) / rounds
      await remove()
    }
  const peakMb = peakOf(service.pid)
  load.close()
  client.destroy()
  await service.stop()
  const medians = contenders.map(({ name }) => median(times.get(name)!))
  const share = Math.min(...medians.slice(1)) / medians[0]!
  return `Medians of ${rounds} rounds in turns, ${size / MIB_BYTES} MiB each.

| upload | time | rate |
| --- | --- | --- |
${contenders.map(({ name }, n) => `| ${name} | ${seconds(medians[n]!)} | ${(size / MIB_BYTES / medians[n]!).toFixed(0)} MiB/s |`).join('\n')}

Longtake reaches ${(100 * share).toFixed(0)} % of the rate of the faster direct upload (≥ ${100 * TARGET_SHARE} %: ${share >= TARGET_SHARE ? 'met' : 'missed'}), with ${seconds(cpu)} of processor time and a peak of ${peakMb.toFixed(0)} MB.`
}

/** The parts have the size and the parallelism of Longtake's. */
async function multipart(client: S3Client, bucket: string, bytes: number) {
  const at = { Bucket: bucket, Key: `direct/${crypto.randomUUID()}` }
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'CRC32' }),
  )
  const body = Buffer.alloc(PART_BYTES, 'longtake')
  const numbers = Array.from({ length: bytes / PART_BYTES }, (_, n) => n + 1)
  const parts: { PartNumber: number; ETag: string | undefined; ChecksumCRC32: string }[] = []
  const sender = async () => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
      const crc = crcOf(body)
      const part = { ...at, UploadId, PartNumber: number, Body: body, ChecksumCRC32: crc }
      const { ETag } = await client.send(new UploadPartCommand(part))
      parts.push({ PartNumber: number, ETag, ChecksumCRC32: crc })
    }
  }
  await Promise.all(Array.from({ length: PARALLEL_PARTS }, sender))
  const Parts = parts.sort((one, other) => one.PartNumber - other.PartNumber)
  await client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }))
  return () => client.send(new DeleteObjectCommand(at))
}

async function put(client: S3Client, bucket: string, bytes: number) {
  const at = { Bucket: bucket, Key: `direct/${crypto.randomUUID()}` }
  const body = Buffer.alloc(bytes, 'longtake')
  await client.send(new PutObjectCommand({ ...at, Body: body, ChecksumCRC32: crcOf(body) }))
  return () => client.send(new DeleteObjectCommand(at))
}

/** Counts requests at a proxy, and statements with `pg_stat_statements`. */
async function countCosts(postgres: Postgres, server: S3Server): Promise<string> {
  const proxy = await S3Faults.start(server.endpoint)
  const url = await postgres.createDatabase()
  const admin = new pg.Client(url)
  await admin.connect()
  await admin.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`)
  await admin.end()
  await postgres.stop()
  await postgres.start()
  const counter = new pg.Client(url)
  await counter.connect()
  await counter.query('create extension pg_stat_statements')
  const service = await serviceOn(url, server.url('counted', proxy.endpoint))
  const load = new Load({ url: service.url, protocol: 'tus', connections: 1 })
  const path = await load.create((SMALL_COUNT + 1) * SMALL_BYTES)
  proxy.requests.length = 0
  await counter.query('select pg_stat_statements_reset()')
  for (let n = 0; n < SMALL_COUNT; n++) await load.patch(path, n * SMALL_BYTES, SMALL_BYTES)
  const requests = proxy.requests.length
  const kinds = Object.entries(Object.groupBy(proxy.requests, one => one))
  const { rows } = await counter.query(`
    select query, calls::int from pg_stat_statements join pg_database on pg_database.oid = dbid
    where datname = current_database() and query not like '%pg_stat_statements%' order by calls desc`)
  load.close()
  await service.stop()
  await counter.end()
  proxy.close()
  const statements = rows.reduce((sum, { calls }) => sum + calls, 0)
  const each = (count: number) => (count / SMALL_COUNT).toFixed(2)
  return `${SMALL_COUNT} PATCH requests of 64 KiB, one after another: each costs ${each(requests)} requests to S3 (${kinds.map(([kind, all]) => `${all!.length} ${kind}`).join(', ')}) and ${each(statements)} statements. The commonest statements:

${rows
  .slice(0, 6)
  .map(({ query, calls }) => `- ${calls}: \`${query.replaceAll(/\s+/g, ' ').slice(0, 160)}\``)
  .join('\n')}`
}

function serviceOn(databaseUrl: string, storageUrl: string): Promise<QuietService> {
  return startQuietService({
    DATABASE_URL: databaseUrl,
    STORAGE_URL: storageUrl,
    DATA_DIR: throwAwayDirectory('bench-s3'),
    ...S3_CREDENTIALS,
    BIN_DAYS: '0',
  })
}

/** The checksum of a body, as S3 expects it. */
function crcOf(bytes: Uint8Array): string {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(crc32(bytes))
  return four.toString('base64')
}
