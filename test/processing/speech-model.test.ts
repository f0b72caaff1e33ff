import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ModelStore, type ModelStoreOptions } from '../../src/processing/speech/model/model-store.ts'
import { readModel } from '../../src/processing/speech/model/prepared-model.ts'
import { failure } from '../support/failure.ts'
import { startModelHub } from '../support/model-hub.ts'
import { tinyModel } from '../support/real-speech.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'

const files = await tinyModel()
const hub = await startModelHub(files)
t.teardown(() => hub.stop())
const FILES = ['config.json', 'vocabulary.txt', 'model.bin']

function open(options: Partial<ModelStoreOptions> = {}): ModelStore {
  const directory = throwAwayDirectory('models')
  return new ModelStore({ directory, model: 'tiny.en', offline: undefined, hub: hub.url, ...options })
}

function preparation() {
  const told: string[] = []
  return { told, signal: AbortSignal.timeout(240_000), onProgress: (sentence: string) => told.push(sentence) }
}

t.test('a download that is cut ten times goes on where it was, in another process too', async t => {
  const directory = throwAwayDirectory('models')
  const store = open({ directory })
  t.equal(await store.find(), undefined)
  hub.cut(10)
  const first = preparation()
  const model = await store.prepare(first)
  const ranges = hub.requests.filter(({ path }) => path.endsWith('model.bin')).map(({ range }) => range)
  t.equal(ranges.length, 11)
  t.equal(ranges[0], undefined, 'nothing was there')
  const starts = ranges.slice(1).map(range => Number(/\d+/.exec(range ?? '')?.[0]))
  t.same(
    starts,
    starts.toSorted((a, b) => a - b),
    'no byte is fetched again',
  )
  t.ok(starts.every(start => start > 0))
  t.match(
    hub.requests[0]?.path,
    /^\/Systran\/faster-whisper-tiny\.en\/resolve\/[0-9a-f]{40}\//,
    'a fixed revision',
  )
  t.ok(first.told.some(sentence => /^Preparing transcription: \d+ of 76 MB\.$/.test(sentence)))
  t.same(model.languages, ['en'])
  const requests = hub.requests.length
  t.same(await open({ directory }).prepare(preparation()), model, 'what is there is not fetched again')
  t.equal(hub.requests.length, requests)
})

t.test('files that are not the pinned ones are refused', async t => {
  const offline = throwAwayDirectory('offline')
  const restore = (name: string) => copyFileSync(join(files, name), join(offline, name))
  for (const name of FILES) restore(name)
  const store = open({ offline, hub: 'http://127.0.0.1:1' })
  for (const name of FILES) {
    const path = join(offline, name)
    const damages: Record<string, () => void> = {
      truncated: () => truncateSync(path, 1000),
      corrupted: () => {
        const bytes = readFileSync(path)
        bytes[bytes.length >> 1]! ^= 1
        writeFileSync(path, bytes)
      },
      missing: () => rmSync(path),
    }
    for (const [damage, make] of Object.entries(damages)) {
      make()
      const error = await failure(store.prepare(preparation()))
      t.match(error, { message: new RegExp(`^SPEECH_MODEL_DIR: ${name} `) }, `${name} is ${damage}`)
      restore(name)
    }
  }
})

t.test('a directory with a model of one’s own', async t => {
  const own = throwAwayDirectory('own-model')
  const restore = (name: string) => copyFileSync(join(files, name), join(own, name))
  for (const name of FILES) restore(name)
  const store = open({ model: own, hub: 'http://127.0.0.1:1' })
  const damages: [name: string, content: string | Buffer | undefined, reason: RegExp][] = [
    ['model.bin', '', /model file ends too early/],
    ['model.bin', Buffer.alloc(100_000, 7), /not a Whisper model of CTranslate2/],
    ['model.bin', readFileSync(join(files, 'model.bin')).subarray(0, 3e7), /model file ends too early/],
    ['vocabulary.txt', undefined, /vocabulary\.txt in \S+ cannot be read \(ENOENT\)/],
    ['vocabulary.txt', 'a\nb\n', /vocabulary has no <\|endoftext\|>/],
    ['config.json', undefined, /config\.json in \S+ cannot be read \(ENOENT\)/],
    ['config.json', '{', /config\.json is not JSON/],
    ['config.json', 'null', /config\.json names no alignment heads/],
    ['config.json', '{"alignment_heads":[[1]]}', /config\.json names no alignment heads/],
    ['config.json', '{"alignment_heads":[[1,2]],"suppress_ids":"x"}', /suppress_ids in config\.json/],
  ]
  for (const [name, content, reason] of damages) {
    if (content === undefined) rmSync(join(own, name))
    else writeFileSync(join(own, name), content)
    const { message } = (await failure(store.prepare(preparation()))) as Error
    t.match(message, /^The speech model cannot be converted\. /)
    t.match(message, reason)
    t.notMatch(message, /\n/)
    restore(name)
  }
  const model = await store.prepare(preparation())
  t.same(model.languages, ['en'])
  rmSync(join(own, 'model.bin'))
  const error = await failure(store.prepare(preparation()))
  t.match(error, { message: /^SPEECH_MODEL: \S+model\.bin cannot be read \(ENOENT\)\.$/ })
})

t.test('a hub that fails or has other files', async t => {
  const store = open({ model: 'small' })
  for (const how of ['unavailable', 'wrong content'] as const) {
    hub.behave(how)
    const error = await failure(store.prepare(preparation()))
    t.match(error, { message: /^The speech model small could not be fetched\. http/ }, how)
  }
  hub.behave('well')
})

t.test('a converted model that was changed is made anew', async t => {
  const directory = throwAwayDirectory('models')
  const store = open({ directory, offline: files })
  const model = await store.prepare(preparation())
  for (const name of ['encoder.onnx', 'tokens.txt', 'model.json']) {
    const path = join(model.directory, name)
    const right = readFileSync(path)
    truncateSync(path, right.length - 1)
    t.equal(await readModel(model.directory), undefined, `${name} is too short`)
    t.equal(await store.find(), undefined)
    writeFileSync(path, right)
  }
  t.same(await store.find(), model)
  truncateSync(join(model.directory, 'decoder.onnx'), 1000)
  t.same(await store.prepare(preparation()), model)
})

t.test('a model that an earlier version of the code converted is converted again, and removed', async t => {
  const directory = throwAwayDirectory('models')
  const store = open({ directory, offline: files })
  const { directory: target } = await store.prepare(preparation())
  const earlier = target.replace(/\d+$/, format => String(Number(format) - 1))
  renameSync(target, earlier)
  t.equal(await store.find(), undefined)
  t.equal((await store.prepare(preparation())).directory, target)
  t.notOk(existsSync(earlier))
})

t.test('two processes want it at once', async t => {
  const directory = throwAwayDirectory('models')
  const stores = [open({ directory }), open({ directory })]
  const before = hub.requests.length
  const [one, other] = await Promise.all(stores.map(store => store.prepare(preparation())))
  t.same(one, other)
  t.equal(hub.requests.length - before, FILES.length, 'one of them fetches')
})
