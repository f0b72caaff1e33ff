import t from 'tap'
import { flavours } from '../support/flavours.ts'
import { startLastingService } from '../support/lasting-service.ts'
import { kills } from './uploads/kill-many.ts'
import { badNetworks } from './uploads/network.ts'
import { promises } from './uploads/promises.ts'
import { abandonedRecordings, recordings } from './uploads/recordings.ts'
import { tusClients } from './uploads/tus.ts'

// Uploads by every way in, over good networks and bad ones.

await flavours(t, async (t, { env, name }) => {
  const server = await startLastingService(t, {
    ...env,
    MAX_UPLOAD_SIZE: `${80 * 1024 * 1024}`,
    SWEEP_INTERVAL: '1',
  })
  await t.test('offsets are promises', t => promises(t, server, { all: name === 'served' }))
  await t.test('bad networks', t => badNetworks(t, server))
  await t.test('recordings', t => recordings(t, server))
  await t.test('tus-js-client', t => tusClients(t, server))
  await t.test('kills', t => kills(t, server))
})

await t.test('recordings that are abandoned', t => abandonedRecordings(t))
