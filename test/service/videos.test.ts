import t from 'tap'
import { flavours } from '../support/flavours.ts'
import { startService } from '../support/service.ts'
import { startSpeechServer } from '../support/speech-server.ts'
import { events } from './videos/events.ts'
import { requestsOfVideos } from './videos/requests.ts'
import { KEY, type Transcribing } from './videos/transcribing.ts'
import { transcripts } from './videos/transcripts.ts'

// What comes of uploads, and how clients learn of it and change it.

await flavours(t, async (t, { env }) => {
  const speech = await startSpeechServer({ apiKey: KEY })
  t.teardown(() => speech.stop())
  const service = await startService({
    env: {
      ...env,
      OPENAI_BASE_URL: speech.baseUrl,
      OPENAI_API_KEY: KEY,
      TRANSCRIBE_CHECK: 'on',
      SWEEP_INTERVAL: '1s',
    },
  })
  t.teardown(() => service.stop())
  const both: Transcribing = { service, speech }
  // The first counts all the videos that there are, and the last stops the service.
  await t.test('requests', t => requestsOfVideos(t, both))
  await t.test('transcripts', t => transcripts(t, both))
  await t.test('events', t => events(t, both))
})
