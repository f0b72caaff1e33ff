import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { delimiter, join } from 'node:path'
import { inspect, isDeepStrictEqual, promisify } from 'node:util'
import t from 'tap'
import { type Limits, runConfined, sandboxAbilities } from '../../src/processing/programs/sandbox.ts'
import { childrenWith } from '../support/child-processes.ts'
import { failure } from '../support/failure.ts'
import { noSessionPriority, sessionNiceness, threadNiceness } from '../support/priority.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

const directory = throwAwayDirectory('sandbox')
const { signal } = new AbortController()
const limits: Limits = { seconds: 60, memory: 2 ** 31, fileSize: 10_240 }
const { present, missing } = await sandboxAbilities()

/** What a shell script says that runs confined. */
async function say(script: string, own: Partial<Limits> = {}) {
  let said = ''
  const onStdout = (chunk: Buffer) => {
    said += chunk
  }
  const confinement = { limits: { ...limits, ...own }, signal, onStdout, writes: [directory] }
  const ending = await runConfined(['sh', '-c', script, directory], confinement)
  return { ...ending, said: said.trim() }
}

t.test('a program finds nothing of the worker: no environment, no directory, no network', async t => {
  process.env['SANDBOX_SECRET'] = 'a key'
  t.notMatch((await say('env')).said, /SANDBOX_SECRET|a key/)
  const { said: cwd } = await say('ls -A; touch left-behind; pwd')
  t.notMatch(cwd, /\n/, 'its directory is empty')
  t.notOk(existsSync(join(cwd, 'left-behind')), 'and gone')
  if (present.includes('no network'))
    t.equal((await say('grep -c : /proc/self/net/dev')).said, '1', 'only lo, down')
  if (present.includes('no new privileges'))
    t.match((await say('grep NoNewPrivs /proc/self/status')).said, /1$/)
})

t.test('limits hold', async t => {
  const big = join(directory, 'big')
  t.match(await say(`head -c 20000 /dev/zero > ${big}`), { excessive: true })
  t.match(await say(`head -c 10000 /dev/zero > ${big}`), { code: 0, excessive: false })
  const allocate = (bytes: number) => `dd if=/dev/zero of=/dev/null count=1 bs=${bytes}`
  t.equal((await say(allocate(1e6), { memory: 5e8 })).code, 0)
  t.not((await say(allocate(1e9), { memory: 5e8 })).code, 0)
  const before = performance.now()
  t.match(await say('sleep 1000', { seconds: 0.2 }), { timedOut: true, signal: 'SIGKILL' })
  t.ok(performance.now() - before < 30_000)
  t.match(await say('while :; do :; done', { seconds: 0.2 }), { timedOut: true })
})

t.test('an abort ends all that was started', async t => {
  const running = new AbortController()
  const marker = join(directory, 'marker')
  const script = `sh -c 'sleep 1000; : ${marker}' & sleep 1000`
  const ended = failure(runConfined(['sh', '-c', script], { limits, signal: running.signal }))
  await until(() => childrenWith(marker).length >= 2)
  running.abort(new Error('enough'))
  t.match(await ended, { message: 'enough' })
  await until(() => childrenWith(marker).length === 0)
  t.match(await failure(runConfined(['true'], { limits, signal: AbortSignal.abort(new Error('before')) })), {
    message: 'before',
  })
})

t.test('programs and their sessions have a low priority', { skip: noSessionPriority(present) }, async t => {
  const ending = new AbortController()
  const before = sessionNiceness(process.pid)
  // At once: Linux makes ordinary users wait between two changes.
  const runs = [undefined, 15].map(niceness => {
    const marker = join(directory, `priority-${niceness}`)
    const script = `sh -c 'sleep 1000; : ${marker}' & sleep 1000`
    const ample = { ...limits, seconds: 600 }
    const options = { limits: ample, signal: ending.signal, ...(niceness !== undefined && { niceness }) }
    return { niceness, marker, ended: failure(runConfined(['sh', '-c', script], options)) }
  })
  for (const { niceness = 10, marker } of runs) {
    const expected = {
      session: Math.max(niceness, before),
      threads: [Math.min(19, getPriority() + niceness)],
    }
    // The programs that set up the sandbox come and go.
    const found = await until(() => {
      const pids = childrenWith(marker)
      const priorities = pids.map(pid => ({ session: sessionNiceness(pid), threads: threadNiceness(pid) }))
      const others = priorities.filter(priority => !isDeepStrictEqual(priority, expected))
      if (others.length > 0) throw new Error(`of ${pids}: ${inspect(others)}`)
      return pids.length >= 2 && priorities
    })
    t.same(found[0], expected, 'for all that the program has started')
  }
  t.equal(sessionNiceness(process.pid), before, 'the session of the worker stays as it was')
  ending.abort(new Error('enough'))
  await Promise.all(runs.map(({ ended }) => ended))
})

t.test(
  'the priority of a session is lowered as soon as the worker can open files again',
  { skip: noSessionPriority(present) },
  async t => {
    const program = join(directory, 'short-of-files.mjs')
    const module = join(
      import.meta.dirname,
      '..',
      '..',
      'src',
      'processing',
      'programs',
      'session-priority.ts',
    )
    await writeFile(
      program,
      `import { spawn } from 'node:child_process'
      import { once } from 'node:events'
      import { closeSync, openSync } from 'node:fs'
      import { lowerSessionPriority } from ${JSON.stringify(module)}
      const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
      const files = []
      try {
        for (;;) files.push(openSync('/dev/null'))
      } catch (error) {
        console.log(error.code)
      }
      lowerSessionPriority(child, 10)
      for (const file of files) closeSync(file)
      console.log(child.pid)
      process.stdin.resume()
      await once(process.stdin, 'end')
      child.kill()`,
    )
    const worker = execFile('sh', ['-c', 'ulimit -n 100; exec "$@"', 'sh', process.execPath, program])
    let said = ''
    worker.stdout!.on('data', chunk => {
      said += chunk
    })
    const [, pid] = await until(() => /^EMFILE\n(\d+)\n/.exec(said))
    const expected = Math.max(10, sessionNiceness(process.pid))
    await t.resolves(until(() => sessionNiceness(Number(pid)) === expected))
    worker.stdin!.end()
    await once(worker, 'close')
  },
)

t.test('what is missing on a system is told, and the rest still applies', async t => {
  // A system with a shell and the least beside it.
  const bin = join(directory, 'bin')
  const program = join(directory, 'program.mjs')
  const module = join(import.meta.dirname, '..', '..', 'src', 'processing', 'programs', 'sandbox.ts')
  await writeFile(
    program,
    `import { runConfined, sandboxAbilities } from ${JSON.stringify(module)}
    console.log(JSON.stringify(await sandboxAbilities()))
    const limits = { seconds: 0.2, memory: 2 ** 31, fileSize: 0 }
    console.log(JSON.stringify(await runConfined(['sleep', '1000'], { limits, signal: new AbortController().signal })))`,
  )
  await mkdir(bin)
  for (const name of ['sh', 'env', 'sleep', 'true']) {
    const places = process.env['PATH']!.split(delimiter).map(place => join(place, name))
    await symlink(places.find(existsSync)!, join(bin, name))
  }
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env: { PATH: bin } })
  const [abilities, ending] = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  t.same(abilities, {
    present: [
      'memory limit',
      'address space limit',
      'small stacks',
      'file size limit',
      'processor time limit',
      'no core dump',
      ...present.filter(name => name === 'low priority of the session'),
    ],
    missing: [
      'own files',
      'own processes',
      'own IPC',
      'no capabilities',
      'process limit',
      'no network',
      'ends with the worker',
      'no new privileges',
      'low priority',
      'low priority of input and output',
      ...missing.filter(name => name === 'low priority of the session'),
    ],
  })
  t.match(ending, { timedOut: true, signal: 'SIGKILL' })
})

t.test(
  'it ends with the worker, however that ends',
  { skip: !present.includes('ends with the worker') },
  async t => {
    const marker = join(directory, 'orphan')
    const program = join(directory, 'worker.mjs')
    const module = join(import.meta.dirname, '..', '..', 'src', 'processing', 'programs', 'sandbox.ts')
    await writeFile(
      program,
      `import { runConfined } from ${JSON.stringify(module)}
    const limits = { seconds: 60, memory: 2 ** 31, fileSize: 0 }
    const reads = [${JSON.stringify(program)}]
    await runConfined(['tail', '-f', ${JSON.stringify(program)}], { limits, signal: new AbortController().signal, reads })`,
    )
    const worker = execFile(process.execPath, [program, marker])
    const pids = await until(() => {
      const found = childrenWith(program).filter(pid => pid !== worker.pid)
      return found.length > 0 && found
    })
    worker.kill('SIGKILL')
    await t.resolves(until(() => pids.every(pid => !isAlive(pid))))
  },
)

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
