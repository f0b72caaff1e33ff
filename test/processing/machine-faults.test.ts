import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import t from 'tap'
import { MachineFault } from '../../src/base/errors.ts'
import { inspect } from '../../src/processing/media/inspect.ts'
import { runFfmpeg } from '../../src/processing/programs/ffmpeg.ts'
import { machineFault } from '../../src/processing/programs/machine-faults.ts'
import { childrenWith } from '../support/child-processes.ts'
import { clip, corruptClip } from '../support/clips.ts'
import { failure } from '../support/failure.ts'
import { littleRoom } from '../support/little-room.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

const directory = throwAwayDirectory('faults')
/** Only ordinary files remain in a directory that a program writes to. */
const output = throwAwayDirectory('output')
const { signal } = new AbortController()
const source = await clip({ seconds: 4 })

/** Writes the decoded frames, about 10 MB. With `-re` it takes as long as the video. */
function unpack(path: string, { input = source, slowly = false } = {}) {
  const picture = { map: ['0:v:0'], options: ['-s', '640x480'], format: 'rawvideo', path }
  return runFfmpeg({ input, inputOptions: slowly ? ['-re'] : [], outputs: [picture] }, { signal })
}

/** Machine faults are not step errors, so code that catches step errors does not hide them. */
const isFault = (code: string) => (error: unknown) => error instanceof MachineFault && error.code === code

// This test comes first, because the directory for running programs is created once.
t.test('a missing temporary directory is not an error of the video', async t => {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = join(directory, 'gone')
  try {
    t.ok(isFault('storage_unusable')(await failure(inspect(source, signal))))
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
})

t.test('a full disk is not an error of the video, and the step runs when there is space again', async t => {
  const { directory: small, enlarge, fill } = littleRoom('faults')
  const path = join(small, 'pictures.yuv')
  const error = await failure(unpack(path))
  t.ok(isFault('storage_full')(error), `${error}`)
  rmSync(path, { force: true })
  fill()
  t.ok(isFault('storage_full')(await failure(unpack(path))), 'from the start')
  for (let times = 0; times < 3; times++) enlarge()
  rmSync(join(small, 'filler'), { force: true })
  const film = { map: ['0:v:0'], format: 'mp4', path: join(small, 'film.mp4') }
  await runFfmpeg({ input: source, outputs: [film] }, { signal })
})

t.test('a program that is ended from outside is not an error of the video, whatever the signal', async t => {
  for (const how of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const path = join(output, `${how}.yuv`)
    const error = failure(unpack(path, { slowly: true }))
    const pids = await until(() => {
      const found = childrenWith(path).filter(pid => isFfmpeg(pid))
      return found.length > 0 && existsSync(path) && found
    })
    for (const pid of pids) process.kill(pid, how)
    t.ok(isFault('killed')(await error), `${how}: ${await error}`)
  }
})

function isFfmpeg(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'ffmpeg'
  } catch {
    return false
  }
}

t.test('a missing or broken ffmpeg is not an error of the video', async t => {
  const before = process.env['PATH']!
  t.teardown(() => {
    process.env['PATH'] = before
  })
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  const places = before.split(delimiter)
  process.env['PATH'] = places.filter(place => !existsSync(join(place, 'ffmpeg'))).join(delimiter)
  t.ok(isFault('ffmpeg_missing')(await failure(unpack(join(output, 'a.yuv')))))
  t.ok(isFault('ffmpeg_missing')(await failure(inspect(source, signal))))
  for (const name of ['ffmpeg', 'ffprobe']) {
    writeFileSync(join(bin, name), '#!/bin/sh\necho "Invalid data found when processing input" >&2\nexit 1\n')
    chmodSync(join(bin, name), 0o755)
  }
  process.env['PATH'] = [bin, ...places].join(delimiter)
  t.ok(isFault('ffmpeg_broken')(await failure(unpack(join(output, 'a.yuv')))))
  t.ok(isFault('ffmpeg_broken')(await failure(inspect(source, signal))))
})

t.test('missing directories are not an error of the video', async t => {
  const gone = join(directory, 'gone')
  t.ok(isFault('storage_unusable')(await failure(unpack(join(gone, 'a.yuv')))))
})

t.test('the output of a program decides nothing, because a file can influence it', async t => {
  const damaged = join(directory, 'no space.mp4')
  copyFileSync(await corruptClip('media'), damaged)
  const words = 'No space left on device; Killed; Cannot allocate memory; Read-only file system'
  const bytes = await readFile(damaged)
  // A box at the end that players ignore (ISO/IEC 14496-12 §8.1.2).
  const box = Buffer.concat([Buffer.alloc(4), Buffer.from(`free${words}`)])
  box.writeUInt32BE(box.length, 0)
  await writeFile(damaged, Buffer.concat([bytes, box]))
  const film = { map: ['0:v:0'], options: ['-xerror', '-metadata', `title=${words}`], format: 'mp4' }
  const path = join(output, 'damaged.mp4')
  const job = { input: damaged, inputOptions: ['-err_detect', 'explode'], outputs: [{ ...film, path }] }
  t.match(await failure(runFfmpeg(job, { signal })), { code: 'undecodable', retryable: false })
})

t.test('errors of system calls name the fault', async t => {
  const codes = {
    storage_full: ['ENOSPC', 'EDQUOT'],
    storage_unusable: ['EROFS', 'EACCES', 'EIO'],
    out_of_memory: ['ENOMEM'],
    out_of_processes: ['EAGAIN', 'EMFILE', 'ENFILE'],
    database_unavailable: ['57P01', '08006'],
  }
  for (const [fault, errors] of Object.entries(codes))
    for (const code of errors)
      t.match(machineFault(Object.assign(new Error('x'), { code })), { code: fault }, code)
  t.equal(machineFault(new TypeError('x is not a function')), undefined)
})
