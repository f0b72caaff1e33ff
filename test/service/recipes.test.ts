import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { startBrowser } from '../support/browser.ts'
import { bigClip } from '../support/clips.ts'
import { startFaultyProxy } from '../support/faulty-proxy.ts'
import { startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'
import { getJson, sha256, type VideoPageView } from '../support/video-api.ts'

// The programs of docs/recipes upload through a network that loses connections, and print the transcript.

const RECIPES = join(import.meta.dirname, '..', '..', 'docs', 'recipes')
const TUS = new URL('../../node_modules/tus-js-client/dist/tus.min.js', import.meta.url)
const SIZE = 3_000_000
/** Go compiles its whole HTTP library first, which takes minutes on a busy machine. */
const BUILD_MS = 900_000
const run = promisify(execFile)

const speech = await startSpeechServer()
const service = await startService({ env: { OPENAI_BASE_URL: speech.baseUrl } })
t.teardown(async () => {
  await service.stop()
  await speech.stop()
})
const file = await bigClip(SIZE, { words: [{ word: 'apple', start: 0.5 }], video: false })
const directory = throwAwayDirectory('recipes')
mkdirSync(directory, { recursive: true })
const built = join(directory, 'upload')

const isInstalled = (program: string) =>
  (process.env['PATH'] ?? '').split(delimiter).some(directory => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
/** Begins at once, because the compiler takes longer than everything else. */
const compiled = isInstalled('go')
  ? run('go', ['build', '-o', built, join(RECIPES, 'upload.go')], { cwd: RECIPES, timeout: BUILD_MS })
  : undefined
compiled?.catch(() => {})

/** A network that cuts the first connections that have carried a megabyte. */
const lossy = () => {
  let cuts = 0
  return startFaultyProxy(service.url, () =>
    cuts++ < 6 ? { kind: 'cut', after: 1_000_000 } : { kind: 'none' },
  )
}

/** The file with the name of a recipe, by which its video is found. */
async function inputOf(recipe: string): Promise<string> {
  const path = join(directory, `${recipe}.mp4`)
  await copyFile(file, path)
  return path
}

async function requireWhole(t: Test, recipe: string, connections: number): Promise<void> {
  t.ok(connections > 2, `${connections} connections`)
  const { items } = await getJson<VideoPageView>(`${service.url}/videos`)
  const { id } = items.find(({ filename }) => filename === `${recipe}.mp4`)!
  const source = await fetch(`${service.url}/videos/${id}/source`)
  t.equal(sha256(await source.bytes()), sha256(readFileSync(file)))
}

const PROGRAMS: readonly [tool: string, recipe: string, command: () => Promise<readonly string[]>][] = [
  ['sh', 'upload.sh', async () => ['sh', 'upload.sh']],
  ['node', 'upload.mjs', async () => [process.execPath, 'upload.mjs']],
  ['python3', 'upload.py', async () => ['python3', 'upload.py']],
  ['java', 'Upload.java', async () => ['java', 'Upload.java']],
  [
    'go',
    'upload.go',
    async () => {
      await compiled
      return [built]
    },
  ],
]

// Together, because they mostly wait.
t.jobs = PROGRAMS.length + 1
for (const [tool, recipe, command] of PROGRAMS) {
  const skip = !isInstalled(tool) && `${tool} is not installed on this machine`
  t.test(`${recipe} uploads through a bad network`, { skip, buffered: true }, async t => {
    const [program, ...args] = await command()
    const proxy = await lossy()
    t.teardown(() => proxy.close())
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], LONGTAKE_URL: proxy.url }
    const { stdout } = await run(program!, [...args, await inputOf(recipe)], {
      cwd: RECIPES,
      env,
      timeout: 120_000,
    })
    t.match(stdout, 'apple')
    await requireWhole(t, recipe, proxy.connections)
  })
}

t.test('upload.html does the same in a browser', { buffered: true }, async t => {
  const proxy = await lossy()
  t.teardown(() => proxy.close())
  const html = readFileSync(join(RECIPES, 'upload.html'), 'utf8').replace('http://127.0.0.1:3000', proxy.url)
  const pages = createServer((request, response) => {
    const isScript = request.url === '/tus.min.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? readFileSync(TUS) : html)
  }).listen(0, '127.0.0.1')
  await once(pages, 'listening')
  t.teardown(() => pages.close())
  const browser = await startBrowser()
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`)
  await page.locator('input').setInputFiles(await inputOf('upload.html'))
  await until(async () => /apple/.test((await page.locator('output').textContent()) ?? ''))
  await requireWhole(t, 'upload.html', proxy.connections)
})
