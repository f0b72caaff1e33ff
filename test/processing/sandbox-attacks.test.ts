import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { type Confinement, runConfined, sandboxAbilities } from '../../src/processing/programs/sandbox.ts'
import { childrenWith } from '../support/child-processes.ts'
import { failure } from '../support/failure.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

const { present } = await sandboxAbilities()
const skip = present.includes('own files') ? false : 'this system refuses the namespaces'
const everything = throwAwayDirectory('attacks')
const [output, secret, input] = ['output', 'secret', 'in put'].map(name => join(everything, name)) as [
  string,
  string,
  string,
]
writeFileSync(secret, 'of somebody else')
writeFileSync(input, 'the source')
const limits = { seconds: 60, memory: 2 ** 29, fileSize: 1_000_000 }
const { signal } = new AbortController()
process.env['DATABASE_URL'] = 'postgres://longtake:TopSecret@db/longtake'

/** What a shell script says that runs in place of ffmpeg. */
async function attack(script: string, own: Partial<Confinement> = {}) {
  let said = ''
  const onStdout = (chunk: Buffer) => {
    said += chunk
  }
  mkdirSync(output, { recursive: true })
  const options = { limits, signal, onStdout, onStderr: onStdout, reads: [input], writes: [output], ...own }
  const ending = await runConfined(['sh', '-c', script], options)
  return { ...ending, said: said.trim() }
}

t.test(
  'it sees its input, its directory and the system, and can change its directory only',
  { skip },
  async t => {
    const { said } = await attack(`
    cat '${input}'; echo
    for path in '${secret}' ${process.env['HOME']}/.ssh /etc/passwd /root /home /sys /run /var/lib /dev/mem /dev/vda /dev/shm /old/etc; do
      [ -e "$path" ] && echo "sees $path"
    done
    (echo x >> '${input}') 2>&- && echo 'changed its input'
    (echo x > /usr/bin/planted) 2>&- && echo 'changed the system'
    ln '${input}' '${output}/hard' 2>&- && echo 'linked its input'
    mknod '${output}/disk' b 8 0 2>&- && echo 'made a device'
    mount -t tmpfs x /tmp 2>&- && echo mounted
    unshare -r true 2>&- && echo 'has namespaces of its own'
    cp /bin/true '${output}/program'; '${output}/program' 2>&- && echo 'ran what it wrote'
    echo made > '${output}/made'`)
    t.equal(said, 'the source')
    t.equal(readFileSync(join(output, 'made'), 'utf8'), 'made\n')
    t.equal(readFileSync(input, 'utf8'), 'the source')
  },
)

t.test('it reaches no process but its own', { skip }, async t => {
  const { said } = await attack(`
    cat /proc/*/environ | tr '\\0' '\\n' | grep -c TopSecret
    for pid in ${process.pid} ${process.ppid}; do kill -0 $pid 2>&- && echo "may kill $pid"; done
    ls /proc | grep -c '^[0-9]'
    cat /proc/keys /proc/kallsyms /proc/sys/kernel/core_pattern 2>&-
    grep -E 'CapEff|CapBnd|CapPrm|NoNewPrivs' /proc/self/status | tr -d '\\t'`)
  const [secrets, processes, ...status] = said.split('\n')
  t.equal(secrets, '0')
  t.ok(Number(processes) < 10, `${processes} processes`)
  const none = '0'.repeat(16)
  t.same(status, [`CapPrm:${none}`, `CapEff:${none}`, `CapBnd:${none}`, 'NoNewPrivs:1'])
})

t.test('it reaches no socket of the machine, abstract ones included', { skip }, async t => {
  const server = createServer(socket => socket.end('hello'))
  await new Promise<void>(resolve => server.listen('\0longtake-attack', resolve))
  t.teardown(() => server.close())
  const { said } = await attack('grep -c longtake-attack /proc/self/net/unix')
  t.equal(said, '0')
  t.match(readFileSync('/proc/self/net/unix', 'utf8'), /@longtake-attack/, 'which is there outside')
})

t.test('links and other strange files that it leaves are removed, so that nobody follows them', async t => {
  const { strange, code } = await attack(`
    cd '${output}'; ln -s '${secret}' poster.jpg; ln -s . loop; mkfifo pipe; mkdir folder; : > a; ln a b; : > ordinary`)
  t.equal(code, 0)
  t.same(strange.filter(name => !['a', 'b'].includes(name)).sort(), ['folder', 'loop', 'pipe', 'poster.jpg'])
  t.ok(strange.some(name => name === 'a' || name === 'b'))
  for (const name of readdirSync(output)) t.ok(lstatSync(join(output, name)).isFile(), name)
  t.equal(readFileSync(secret, 'utf8'), 'of somebody else')
  const link = join(everything, 'link')
  symlinkSync(secret, link)
  t.match(await failure(attack('cat link', { reads: [link] })), { message: /symbolic link/ })
})

t.test('it can neither fill the machine with processes nor its directory with files', { skip }, async t => {
  const bomb = await attack(
    'f() { f & f & }; f; i=0; while [ $i -lt 900 ]; do sleep 60 & i=$((i+1)); done; wait',
  )
  t.ok(bomb.excessive || bomb.code !== 0 || /Cannot fork/.test(bomb.said), JSON.stringify(bomb))
  await until(() => childrenWith(everything).length === 0)
  const files = await attack(`cd '${output}'; i=0; while :; do : > $i; i=$((i+1)); done`)
  t.match(files, { excessive: true, signal: 'SIGKILL' })
  const bytes = await attack(
    `cd '${output}'; i=0; while :; do head -c 900000 /dev/zero > big-$i; i=$((i+1)); done`,
  )
  t.match(bytes, { excessive: true, signal: 'SIGKILL' })
})

t.test('whatever it kills, nothing of it is left', { skip }, async t => {
  for (const script of ['kill -9 -1', 'kill -9 0', 'kill -9 1', 'setsid sh -c "sleep 600" & sleep 0.2']) {
    const marked = `: ${everything}; ${script}`
    await attack(marked)
    t.same(childrenWith(marked), [], script)
  }
  t.ok(existsSync(secret))
})
