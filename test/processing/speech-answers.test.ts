import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import type { StepError } from '../../src/base/errors.ts'
import { OpenAiSpeech } from '../../src/processing/speech/openai-speech.ts'
import { failStep } from '../../src/videos/pipeline/steps.ts'
import { findChunkResult, saveChunkResult } from '../../src/videos/transcripts/transcript-chunks.ts'
import { addMachineTranscript, currentTranscript } from '../../src/videos/transcripts/transcripts.ts'
import { addVideo, claim, heard, stepsOf } from '../support/catalogue-rows.ts'
import { clip } from '../support/clips.ts'
import { openEmbeddedDatabase } from '../support/embedded-database.ts'
import { failure } from '../support/failure.ts'
import { speechConfig } from '../support/speech-config.ts'

// Services differ in what they take and send, and the stand-in that hears speaks as OpenAI does: these answers are written by hand.
const path = await clip({ container: 'mp3', seconds: 2 })

/** A service that answers each request for a transcription in the same way. */
async function answering(
  t: Test,
  answer: (form: string, response: ServerResponse) => void,
  model = 'large-v3',
) {
  const formats: string[] = []
  const server = createServer(async (request, response) => {
    const form = (await text(request)).replaceAll('\r\n', '\n')
    const granularities = form.match(/timestamp_granularities/g)?.length ?? 0
    formats.push(
      `${/name="response_format"\n\n(\w+)/.exec(form)?.[1]}${granularities ? ` ${granularities}` : ''}`,
    )
    answer(form, response.setHeader('content-type', 'application/json'))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const service = new OpenAiSpeech(speechConfig({ baseUrl, model }))
  const { signal } = new AbortController()
  return { formats, service, hear: () => service.transcribe(path, null, { signal }) }
}

const json = (t: Test, body: unknown) => answering(t, (_, response) => response.end(JSON.stringify(body)))

function refuse(response: ServerResponse, status: number, message: string, code: string | null = null): void {
  response.statusCode = status
  response.end(JSON.stringify({ error: { message, code, param: null, type: 'invalid_request_error' } }))
}

t.test('a service that refuses a form of answer is asked for less, and from then on only that', async t => {
  const { formats, service, hear } = await answering(t, (form, response) => {
    if (form.includes('timestamp_granularities'))
      return refuse(response, 422, 'timestamp_granularities: extra input')
    if (form.includes('verbose_json')) return refuse(response, 400, 'no such format', 'unsupported_value')
    response.end('{"text":"hello"}')
  })
  t.match(await hear(), { text: 'hello', segments: [] })
  t.match(await hear(), { text: 'hello' })
  t.same(formats, ['verbose_json 2', 'verbose_json', 'json', 'json'])
  t.same(service.options, { response_format: 'json', timestamp_granularities: [] })
})

t.test('a service that refuses every form is refused itself, without end', async t => {
  const { formats, hear } = await answering(t, (_, response) =>
    refuse(response, 400, 'response_format is bad'),
  )
  t.match(await failure(hear()), { code: 'speech_to_text_refused', retryable: false })
  t.equal(formats.length, 3)
})

t.test('statuses that the stand-in does not give', async t => {
  const statuses: [status: number, code: string, retryable: boolean][] = [
    [403, 'speech_to_text_misconfigured', false],
    [408, 'speech_to_text_unavailable', true],
    [409, 'speech_to_text_unavailable', true],
    [413, 'speech_to_text_refused', false],
    [415, 'speech_to_text_refused', false],
    [503, 'speech_to_text_unavailable', true],
  ]
  await Promise.all(
    statuses.map(async ([status, code, retryable]) => {
      const { hear } = await answering(t, (_, response) => refuse(response, status, 'no'))
      t.match(await failure(hear()), { code, retryable }, `${status}`)
    }),
  )
})

t.test('what is left out, null or of another kind does no harm', async t => {
  const { hear } = await json(t, {
    text: ' hello ',
    language: 'English',
    words: null,
    segments: [null, { start: 0, end: 1, text: ' hello ' }, { start: 0, end: 1, text: 7 }, 'no'],
  })
  t.same(await hear(), {
    language: 'en',
    text: 'hello',
    segments: [{ start: 0, end: 1, text: 'hello' }],
    words: [],
  })
})

t.test('what was said is not lost for want of a time, or of a text that has it all', async t => {
  const timeless = [
    { start: null, end: null, text: 'b' },
    { start: '1', end: 2, text: 'c' },
  ]
  const some = await json(t, {
    segments: [{ start: 0, end: 1, text: 'a' }, ...timeless, { start: 2, end: 3, text: 'd' }],
  })
  t.match(await some.hear(), {
    text: 'a b c d',
    segments: [
      { start: 0, end: 1, text: 'a' },
      { start: 1, end: 1, text: 'b' },
      { start: 1, end: 1, text: 'c' },
      { start: 2, end: 3, text: 'd' },
    ],
  })
  const none = await json(t, { text: 'b c', segments: timeless })
  t.match(await none.hear(), { text: 'b c', segments: [] })
})

t.test('an answer without end is not read to it', async t => {
  const { hear } = await answering(t, (_, response) => {
    response.write('{"text":"')
    const more = () => {
      while (response.writable && response.write('a'.repeat(2 ** 20)));
    }
    response.on('drain', more)
    more()
  })
  t.match(await failure(hear()), { code: 'speech_to_text_unavailable', retryable: true })
})

t.test('a model that tells speakers apart', async t => {
  const { formats, hear } = await answering(
    t,
    (_, response) =>
      response.end(
        JSON.stringify({
          text: 'Hello. Hi.',
          segments: [
            { id: 'seg_1', type: 'transcript.text.segment', start: 0, end: 1, speaker: 'A', text: ' Hello.' },
            { id: 'seg_2', type: 'transcript.text.segment', start: 1, end: 2, speaker: 'B\0', text: ' Hi.' },
          ],
        }),
      ),
    'gpt-4o-transcribe-diarize',
  )
  t.same((await hear()).segments, [
    { start: 0, end: 1, text: 'Hello.', speaker: 'A' },
    { start: 1, end: 2, text: 'Hi.', speaker: 'B' },
  ])
  t.same(formats, ['diarized_json'])
})

t.test('words inside of segments, times out of order, and what whisper tells of its certainty', async t => {
  const certainty = { no_speech_prob: 0.1, avg_logprob: -0.2, compression_ratio: 1.5 }
  const { hear } = await json(t, {
    text: 'a b',
    segments: [
      { start: 2, end: 1, text: 'b', words: [{ start: 2, end: 3, word: ' b', probability: 0.9 }] },
      { start: -0.5, end: 1, text: 'a', ...certainty, words: null },
    ],
  })
  t.same(await hear(), {
    language: null,
    text: 'a b',
    segments: [
      { start: 0, end: 1, text: 'a', noSpeech: 0.1, logProbability: -0.2, compression: 1.5 },
      { start: 2, end: 2, text: 'b' },
    ],
    words: [{ start: 2, end: 3, text: 'b' }],
  })
})

t.test('languages come in many forms', async t => {
  const forms: [given: unknown, code: string | null][] = [
    ['english', 'en'],
    ['en', 'en'],
    ['Portuguese', 'pt'],
    ['pt-BR', 'pt-br'],
    ['<script>', null],
    [7, null],
    [undefined, null],
  ]
  for (const [given, code] of forms) {
    const { hear } = await json(t, { text: 'x', language: given })
    t.equal((await hear()).language, code, String(given))
  }
})

t.test('an answer without a text is a fault of the service', async t => {
  for (const body of [null, {}, { text: null }, { text: 7 }, [], 'text']) {
    const { hear } = await json(t, body)
    t.match(
      await failure(hear()),
      { code: 'speech_to_text_unavailable', retryable: true },
      JSON.stringify(body),
    )
  }
  const { hear } = await answering(t, (_, response) =>
    response.setHeader('content-type', 'text/html').end('<html>'),
  )
  t.match(await failure(hear()), { code: 'speech_to_text_unavailable', retryable: true })
  const broken = await answering(t, (_, response) => response.end('{"text": "hel'))
  t.match(await failure(broken.hear()), { code: 'speech_to_text_unavailable', retryable: true })
})

t.test('whatever a service says can be stored', async t => {
  const { db, close } = await openEmbeddedDatabase()
  t.teardown(close)
  const id = await addVideo(db)
  const hostile = 'a\0b \ud83c \udfac \u0000'
  const segment = { start: 0, end: 1, text: hostile }
  const { hear } = await json(t, {
    text: hostile,
    language: 'a\0',
    segments: [segment, { start: 1, end: 2, text: '\0' }],
    words: [{ start: 0, end: 1, word: hostile }],
  })
  const result = await hear()
  t.same(result.segments, [{ start: 0, end: 1, text: 'ab \ufffd \ufffd' }])
  await saveChunkResult(db, id, 'a', result)
  t.same(await findChunkResult(db, id, 'a'), { result, own: true })
  await addMachineTranscript(db, id, {
    ...heard(result.text, [...result.segments]),
    language: result.language,
  })
  t.match(await currentTranscript(db, id), { text: 'ab \ufffd \ufffd', language: null })

  const refusing = await answering(t, (_, response) => refuse(response, 400, hostile))
  await failStep(db, await claim(db, id, 'probe'), (await failure(refusing.hear())) as StepError)
  t.match((await stepsOf(db, id)).probe, { state: 'failed', error_message: /answered 400/ })
})
