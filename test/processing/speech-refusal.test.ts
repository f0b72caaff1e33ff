import t from 'tap'
import { explainRefusal, isRefusedForm } from '../../src/processing/speech/speech-refusal.ts'

const refusal = (status: number, message = 'no', more = {}) => ({
  status,
  message,
  code: null,
  param: null,
  retryAfter: null,
  ...more,
})

t.test('what a status means', async t => {
  const kinds: Record<string, number[]> = {
    'speech_to_text_misconfigured false': [401, 403, 404],
    'speech_to_text_refused false': [400, 402, 405, 413, 415, 422],
    'speech_to_text_unavailable true': [408, 409, 429, 500, 502, 503, 504, 529],
  }
  for (const [kind, statuses] of Object.entries(kinds)) {
    for (const status of statuses) {
      const secrets = { apiKey: 'none', settings: 'A_SETTING' }
      const { code, retryable, message } = explainRefusal(
        refusal(status, `${status} because`),
        secrets,
        undefined,
      )
      t.equal(`${code} ${retryable}`, kind, `${status}`)
      t.match(message, `answered ${status}: because`)
    }
  }
})

t.test('the key is not repeated, and what cannot be stored neither', async t => {
  const { message } = explainRefusal(
    refusal(401, 'Incorrect key sk-1\0 \ud83c'),
    { apiKey: 'sk-1', settings: 'SPEECH_KEY' },
    undefined,
  )
  t.match(message, 'Incorrect key *** \ufffd. Check SPEECH_KEY.')
  t.notMatch(message, 'OPENAI')
})

t.test('a form of answer is refused by whichever words', async t => {
  t.ok(isRefusedForm(refusal(400, 'no', { code: 'unsupported_value' })))
  t.ok(isRefusedForm(refusal(400, 'no', { param: 'response_format' })))
  t.ok(isRefusedForm(refusal(422, 'timestamp_granularities: extra fields not permitted')))
  t.notOk(isRefusedForm(refusal(400, 'The audio is too short.')))
  t.notOk(isRefusedForm(refusal(500, 'response_format')))
})
