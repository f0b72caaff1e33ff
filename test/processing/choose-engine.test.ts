import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { chooseEngine } from '../../src/processing/speech/choose-engine.ts'

const GIB = 2 ** 30
const service = { OPENAI_BASE_URL: 'http://127.0.0.1:9000/v1' }
const at = (settings: Record<string, string>, freeBytes = 8 * GIB) =>
  chooseEngine(loadConfig(settings), freeBytes)

t.test('the built-in engine needs two gibibytes of free memory, unless a setting asks for it', async t => {
  t.match(at({}, 2 * GIB), { kind: 'builtin', model: 'Whisper base (built-in)' })
  const off = at({}, 2 * GIB - 1)
  t.match(off, { kind: 'off', model: null })
  t.match(off.sentence, /^Transcripts: off, because only 1\.9 GiB of memory are free .*SPEECH_ENGINE=builtin/)
  t.match(at({ SPEECH_ENGINE: 'builtin' }, GIB / 2), { kind: 'builtin' })
  t.match(at(service, GIB / 2), { kind: 'openai', model: 'whisper-1' })
  t.match(at({ ...service, SPEECH_ENGINE: 'off' }), { kind: 'off', model: null })
})

t.test('the sentence at the start names the engine and where its model comes from', async t => {
  const sentences: [settings: Record<string, string>, sentence: RegExp][] = [
    [{}, /built-in engine \(Whisper base\)\. The model is downloaded when it is first needed\.$/],
    [
      { SPEECH_MODEL: 'tiny.en', SPEECH_MODEL_DIR: '/models' },
      /\(Whisper tiny\.en\)\. The model is read from \/models\.$/,
    ],
    [{ SPEECH_MODEL: '/own/model' }, /\(Whisper model\)\. The model is read from \/own\/model\.$/],
    [service, /^Transcripts: on, by whisper-1 at http:\/\/127\.0\.0\.1:9000\/v1\.$/],
    [{ OPENAI_API_KEY: 'sk-secret' }, /^Transcripts: on, by whisper-1 at OpenAI\.$/],
  ]
  for (const [settings, sentence] of sentences) t.match(at(settings).sentence, sentence)
})
