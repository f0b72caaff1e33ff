import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { atExit } from '../support/at-exit.ts'
import { bigClip, clip } from '../support/clips.ts'
import { COMPILE_CACHE } from '../support/compile-cache.ts'
import { startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { spokenText } from '../support/tone-words.ts'
import { until } from '../support/until.ts'

const MB = 1e6
const SIZE = 24 * MB
const WORDS = [
  { word: 'apple', start: 0.5 },
  { word: 'river', start: 1.2 },
]
const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'upload.ts')

interface Client {
  readonly stdout: () => string
  readonly stderr: () => string
  readonly exit: Promise<number | null>
  signal(name: NodeJS.Signals): void
}

/** The client as a process of its own, whose notes on unfinished uploads are in `state`. */
function runClient(state: string, args: readonly string[]): Client {
  const child: ChildProcess = spawn(process.execPath, [SCRIPT, ...args], {
    env: { PATH: process.env['PATH'], ...COMPILE_CACHE, HOME: state, XDG_STATE_HOME: state },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const cancel = atExit(() => child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', data => (stdout += data))
  child.stderr?.on('data', data => (stderr += data))
  const exit = once(child, 'close').then(([code]) => {
    cancel()
    return code
  })
  return { stdout: () => stdout, stderr: () => stderr, exit, signal: name => child.kill(name) }
}

interface Network {
  readonly url: string
  /** Bytes that clients have sent through it. */
  sent: number
  /** Bytes a second from client to server. */
  rate: number
  /** The server's URL; it may move to another while clients are there. */
  target: string
  /** Cuts all connections, with the bytes that are still in them. */
  cut(): void
  close(): void
}

/** A network between client and server that can be slow. Where the server goes away, so do its connections. */
async function startNetwork(target: string): Promise<Network> {
  const ends = new Set<() => void>()
  const server = createServer(async client => {
    const { hostname, port } = new URL(network.target)
    const upstream = connect(Number(port), hostname)
    const end = () => [client, upstream].forEach(socket => void socket.destroy())
    ends.add(end)
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end)
    upstream.pipe(client)
    try {
      for await (const bytes of client) {
        network.sent += bytes.length
        if (!upstream.write(bytes)) await once(upstream, 'drain')
        // What is to be interrupted goes on at a crawl, so that it is not over before.
        const rate = network.sent > SIZE / 3 ? Math.min(network.rate, CRAWL) : network.rate
        if (Number.isFinite(network.rate)) await pause((bytes.length / rate) * 1000)
      }
    } catch {
      end()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const network: Network = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: 0,
    rate: Number.POSITIVE_INFINITY,
    target,
    cut: () => ends.forEach(end => void end()),
    close: () => void server.close(),
  }
  return network
}

const SLOW = 8 * MB
const CRAWL = MB

/** Runs the client on a slow network until a third of the file is sent, and presses Ctrl-C. */
async function interruptedClient(network: Network, state: string, file: string): Promise<Client> {
  network.rate = SLOW
  network.sent = 0
  const client = runClient(state, [file, '--url', network.url])
  await until(() => network.sent > SIZE / 3)
  client.signal('SIGINT')
  await client.exit
  network.cut()
  network.rate = Number.POSITIVE_INFINITY
  network.sent = 0
  return client
}

async function videosOf(url: string): Promise<{ id: string; title: string; tags: string[] }[]> {
  const answer = await fetch(`${url}/videos`)
  return ((await answer.json()) as { items: { id: string; title: string; tags: string[] }[] }).items
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const notesIn = (state: string) => {
  const directory = join(state, 'longtake', 'uploads')
  return readdirSync(directory).map(name => join(directory, name))
}

t.test('with speech-to-text', async t => {
  const speech = await startSpeechServer()
  const service = await startService({ env: { OPENAI_BASE_URL: speech.baseUrl } })
  const network = await startNetwork(service.url)
  const file = await bigClip(SIZE, { words: WORDS })
  t.teardown(async () => {
    network.close()
    await service.stop()
    await speech.stop()
  })

  await t.test('Ctrl-C costs nothing: run again, it resumes and prints the transcript', async t => {
    const state = throwAwayDirectory('state')
    const first = await interruptedClient(network, state, file)
    t.equal(await first.exit, 130)
    t.match(first.stderr(), /Stopped\. [\d.]+ MB of 24\.0 MB \(\d+ %\) are saved on the server/)
    t.equal(first.stdout(), '')
    const [note] = notesIn(state)
    t.equal(statSync(note!).mode & 0o077, 0, 'the URL of the upload is for its user only')

    const second = runClient(state, [file, '--url', network.url])
    t.equal(await second.exit, 0, second.stderr())
    const [, at = ''] = /Resuming at ([\d.]+) MB/.exec(second.stderr()) ?? []
    t.ok(Number(at) > 1, `went on at ${at} MB`)
    t.ok(
      network.sent < SIZE - (Number(at) - 1) * MB,
      `sent no more than what was missing: ${network.sent} bytes`,
    )
    t.match(second.stdout(), spokenText(WORDS))
    t.same(notesIn(state), [], 'a finished upload is forgotten')

    const videos = await videosOf(service.url)
    t.equal(videos.length, 1)
    t.match(second.stdout(), `${network.url}/watch/${videos[0]!.id}`)
    const source = await fetch(`${service.url}/videos/${videos[0]!.id}/source`)
    t.equal(sha256(await source.bytes()), sha256(readFileSync(file)))
  })

  await t.test(
    'a damaged note and an upload that the server has no longer start from the first byte',
    async t => {
      const state = throwAwayDirectory('state')
      await interruptedClient(network, state, file)
      const [note] = notesIn(state)
      const { url } = JSON.parse(readFileSync(note!, 'utf8'))
      await fetch(url, { method: 'DELETE', headers: { 'tus-resumable': '1.0.0' } })
      await interruptedClient(network, state, file).then(client =>
        t.match(client.stderr(), 'The server no longer has the part that was uploaded before'),
      )
      writeFileSync(notesIn(state)[0]!, '{"url": "http://')
      const last = runClient(state, [file, '--url', network.url, '--title', 'Once more'])
      t.equal(await last.exit, 0, last.stderr())
      t.notMatch(last.stderr(), 'Resuming')
      t.match(last.stdout(), spokenText(WORDS))
      t.equal((await videosOf(service.url))[0]?.title, 'Once more')
    },
  )

  await t.test('says why there is no transcript, and what cannot be used', async t => {
    const state = throwAwayDirectory('state')
    const mute = runClient(state, [await clip({ audio: 'none' }), '--url', service.url])
    t.equal(await mute.exit, 0, mute.stderr())
    t.match(mute.stdout(), 'There is no transcript: the video has no audio.')
    const broken = join(state, 'broken.mp4')
    // The container is accepted, and has nothing in it.
    writeFileSync(broken, readFileSync(await clip()).subarray(0, 40))
    const useless = runClient(state, [broken, '--url', service.url])
    t.equal(await useless.exit, 1)
    t.match(useless.stdout(), /^Unsupported file \(\w+\): /)
    const [, sentence = ''] = /: (.*)/.exec(useless.stdout()) ?? []
    t.notMatch(useless.stderr(), sentence, 'the reason is said once')
  })

  await t.test('several files', async t => {
    const state = throwAwayDirectory('state')
    const folder = throwAwayDirectory('films')
    mkdirSync(folder, { recursive: true })
    copyFileSync(await clip({ audio: 'none' }), join(folder, 'a.mp4'))
    copyFileSync(await clip({ audio: 'none', seconds: 2 }), join(folder, 'b[1].mp4'))
    writeFileSync(join(folder, 'c.mp4'), '')
    const pattern = join(folder, '*.mp4')
    const client = runClient(state, [
      pattern,
      join(folder, 'b[1].mp4'),
      '--tags',
      'Sea, sun',
      '--url',
      service.url,
    ])
    t.equal(await client.exit, 1)
    t.match(client.stderr(), /c\.mp4 is empty\.\n/)
    t.match(client.stderr(), '2 of 3 files are ready.')
    const ids = [...client.stdout().matchAll(/^Watch it: .*\/watch\/(.*)$/gm)].map(([, id]) => id)
    const videos = (await videosOf(service.url)).filter(({ id }) => ids.includes(id))
    t.match(videos, [
      { title: 'b[1]', tags: ['Sea', 'sun'] },
      { title: 'a', tags: ['Sea', 'sun'] },
    ])
    rmSync(join(folder, 'c.mp4'))
    const again = runClient(state, [pattern, '--json', '--url', service.url])
    t.equal(await again.exit, 0, again.stderr())
    const lines = again
      .stdout()
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    t.match(
      lines,
      [
        {
          file: join(folder, 'a.mp4'),
          watch_url: `${service.url}/watch/${ids[0]}`,
          video: { id: ids[0], status: 'ready' },
        },
        { file: join(folder, 'b[1].mp4'), video: { id: ids[1] } },
      ],
      'what was uploaded is not uploaded again, because not all were',
    )
    t.same(notesIn(state), [])
    t.equal((await videosOf(service.url)).filter(({ title }) => title === 'a').length, 1)
  })

  await t.test('unfinished uploads are listed until they are resumed', async t => {
    const state = throwAwayDirectory('state')
    await interruptedClient(network, state, file)
    const list = runClient(state, ['--unfinished'])
    t.equal(await list.exit, 0, list.stderr())
    t.match(list.stdout(), /^\/.* {2}\d+ % of 24\.0 MB {2}http:\/\/127\.0\.0\.1:\d+\n$/)
    const json = runClient(state, ['--unfinished', '--json'])
    await json.exit
    t.match(JSON.parse(json.stdout()), {
      file,
      server: network.url,
      size: statSync(file).size,
      saved: Number,
      note: '',
    })
    const [note] = notesIn(state)
    const { url } = JSON.parse(readFileSync(note!, 'utf8'))
    await fetch(url, { method: 'DELETE', headers: { 'tus-resumable': '1.0.0' } })
    const none = runClient(state, ['--unfinished'])
    await none.exit
    t.equal(none.stdout(), 'No upload can be resumed.\n')
    t.same(notesIn(state), [])
  })
})

t.test('a server that is killed and comes back', async t => {
  const dataDir = throwAwayDirectory('data')
  const first = await startService({ env: { DATA_DIR: dataDir } })
  const network = await startNetwork(first.url)
  t.teardown(() => network.close())
  network.rate = SLOW
  const file = await bigClip(SIZE, { words: WORDS, video: false })
  const client = runClient(throwAwayDirectory('state'), [file, '--url', network.url])
  await until(() => network.sent > SIZE / 3)
  await first.kill()
  await until(() => client.stderr().includes('Connection lost'))
  network.rate = Number.POSITIVE_INFINITY
  const second = await startService({ env: { DATA_DIR: dataDir } })
  t.teardown(() => second.stop())
  network.target = second.url

  t.equal(await client.exit, 0, client.stderr())
  t.equal(client.stderr().split('Connection lost').length - 1, 1, 'one outage is one line')
  t.match(client.stdout(), 'transcripts are off on this server')
  const videos = await videosOf(second.url)
  t.equal(videos.length, 1)
  const source = await fetch(`${second.url}/videos/${videos[0]!.id}/source`)
  t.equal(sha256(await source.bytes()), sha256(readFileSync(file)))
})

t.test('mistakes get one sentence', async t => {
  const state = throwAwayDirectory('state')
  mkdirSync(state, { recursive: true })
  const film = await clip()
  const [empty, pipe] = [join(state, 'empty.mp4'), join(state, 'pipe')]
  writeFileSync(empty, '')
  execFileSync('mkfifo', [pipe])
  const cases: [args: string[], sentence: RegExp][] = [
    [[], /^Name the file to upload/],
    [[join(state, 'nowhere.mp4')], /^No such file: .*nowhere\.mp4$/],
    [[state], /is a directory; name its files: ".*\/\*"\.$/],
    [[join(state, '*.mov')], /^No file matches .*\*\.mov$/],
    [
      [film, film, 'b.mp4', '--title', 'One'],
      /^--title names one video, and there are 2 files: leave it out\.$/,
    ],
    [['a.mp4', '--nonsense'], /^Unknown option '--nonsense'/],
    [['a.mp4', '--tilte', 'A'], /^Unknown option '--tilte'\. Did you mean --title\?$/],
    [['a.mp4', '--unfinished'], /^--unfinished only lists uploads/],
    [[empty], /^.*empty\.mp4 is empty\.$/],
    [
      [SCRIPT],
      /^.*upload\.ts is not uploaded: the file is not a video or audio file of a kind that can be read\.$/,
    ],
    [[pipe], /pipe is not a file\.$/],
    [[film, '--url', 'ftp://example.com'], /^--url must be an address such as/],
    [
      [film, '--url', 'http://longtake.invalid'],
      /\nhttp:\/\/longtake\.invalid\/uploads cannot be reached: unknown host\.$/,
    ],
  ]
  for (const [args, sentence] of cases) {
    const client = runClient(state, args)
    t.equal(await client.exit, 1)
    t.match(client.stderr().trimEnd(), sentence)
    t.notMatch(client.stderr(), /^\s+at /m, 'no stack trace')
  }
  const help = runClient(state, ['--help'])
  t.equal(await help.exit, 0)
  t.match(help.stdout(), /^Usage: npm run upload -- FILE\.\.\./)
})
