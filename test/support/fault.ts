import childProcess, { type spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { v7 as uuid } from 'uuid'
import { MemoryQueue } from '../../src/messaging/memory-queue.ts'
import { NatsQueue } from '../../src/messaging/nats-queue.ts'
import { DiskObjects } from '../../src/objects/disk/disk-objects.ts'
import { DiskUploadBytes } from '../../src/uploads/bytes/disk/disk-upload-bytes.ts'
import { Recordings } from '../../src/uploads/recordings/recordings.ts'
import { faultFile, sufferedLine } from './with-fault.ts'

/**
 * Faults at exact points of the real program, loaded before it (`node --import`) and named by `FAULT`, or once it runs by `suffer`.
 * They end the process as the kernel would, without a word; nothing in the program knows of them.
 */
const FAULTS: Readonly<Record<string, () => void | Promise<void>>> = {
  /** All bytes are durable and the row says so. Nothing of the finish has begun. */
  'before-commit': () => {
    DiskUploadBytes.prototype.complete = die
  },
  /** The finish is committed, and no event has reached the queue. */
  'before-publish': () => {
    MemoryQueue.prototype.publish = die
    NatsQueue.prototype.publish = die
  },
  /** A piece of a recording is durable, and no row knows of it. */
  'before-piece-row': () => {
    Recordings.prototype.enter = die
  },
  /** A piece has its row, and is not joined to its upload. */
  'before-join': () => {
    Recordings.prototype.join = die
  },
  /** Bytes are appended to an upload, and its row does not say so. */
  'before-offset': () => {
    const { append } = DiskUploadBytes.prototype
    DiskUploadBytes.prototype.append = async function (this: DiskUploadBytes, ...args) {
      await append.apply(this, args)
      return die()
    }
  },
  /** A piece is joined, and its own object is still there. */
  'before-removal': () => {
    const { remove } = DiskObjects.prototype
    DiskObjects.prototype.remove = async function (this: DiskObjects, key) {
      return key.startsWith('recordings/') ? die() : remove.call(this, key)
    }
  },
  /** ffmpeg has begun to write the audio. */
  'inside-ffmpeg': () => {
    const original = childProcess.spawn as (...args: unknown[]) => ReturnType<typeof spawn>
    childProcess.spawn = ((...args: unknown[]) => {
      const child = original(...args)
      const isAudio = JSON.stringify(args).includes('audio.mp3')
      // It says so once it has opened what it writes to.
      child.stderr?.on('data', text => isAudio && String(text).includes('Output #0') && die())
      return child
    }) as typeof spawn
    syncBuiltinESMExports()
  },
  /** Every event comes three times, as events of their own. */
  'events-thrice': () => {
    for (const { prototype } of [MemoryQueue, NatsQueue]) {
      const { publish } = prototype
      prototype.publish = async function (this: MemoryQueue & NatsQueue, event, requestId) {
        for (const id of [event.id, uuid(), uuid()]) await publish.call(this, { ...event, id }, requestId)
      }
    }
  },
  /** The clock jumps, as one does that is set by hand. PostgreSQL in this process reads it too. */
  'clock-ahead': () => moveClock(8 * DAY_MS),
  'clock-behind': () => moveClock(-8 * DAY_MS),
  'clock-right': () => moveClock(0),
  /** A disk that cannot keep its promise: the first sync of data fails. */
  'sync-fails': async () => {
    const file = await open('/dev/null')
    const prototype = Object.getPrototypeOf(file) as { datasync: () => Promise<void> }
    await file.close()
    const { datasync } = prototype
    prototype.datasync = async () => {
      prototype.datasync = datasync
      throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })
    }
  },
}

const DAY_MS = 24 * 3600 * 1000
const { now } = Date

function moveClock(by: number): void {
  Date.now = () => now() + by
}

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('unreachable')
}

async function begin(name: string): Promise<void> {
  const fault = FAULTS[name]
  if (!fault) throw new Error(`FAULT must be one of ${Object.keys(FAULTS).join(', ')}`)
  await fault()
}

const { FAULT = '', DATA_DIR = '' } = process.env
if (FAULT === 'later')
  process.on('SIGUSR2', async () => {
    const name = readFileSync(faultFile(DATA_DIR), 'utf8')
    await begin(name)
    process.stdout.write(`${sufferedLine(name)}\n`)
  })
else await begin(FAULT)
