import t from 'tap'
import { flavours } from '../support/flavours.ts'
import { startLastingService } from '../support/lasting-service.ts'
import { clientHeaders } from './client-headers.ts'
import { newestDraft } from './draft.ts'
import { draftClients } from './draft-clients.ts'
import { draftVersions } from './draft-versions.ts'
import { EXPIRY, MAX } from './limits.ts'
import { tusChecksum } from './tus-checksum.ts'
import { tusCore } from './tus-core.ts'
import { tusCreation } from './tus-creation.ts'
import { tusTerminationAndExpiration } from './tus-termination-expiration.ts'
import { modelOfUploads } from './upload-model.ts'

// What the specifications say, all of it asked of one service.

await flavours(t, async (t, flavour) => {
  const server = await startLastingService(t, {
    ...flavour.env,
    MAX_UPLOAD_SIZE: `${MAX}`,
    UPLOAD_EXPIRY: `${EXPIRY}`,
    ALLOWED_ORIGINS: 'https://a.example',
    // All of these tests together leave many behind.
    MAX_UNFINISHED_UPLOADS: '2000',
  })
  await t.test('tus 1.0.0: creation', t => tusCreation(t, server))
  await t.test('tus 1.0.0: core', t => tusCore(t, server))
  await t.test('tus 1.0.0: termination and expiration', t => tusTerminationAndExpiration(t, server, flavour))
  await t.test('the newest draft', t => newestDraft(t, server))
  await t.test('the versions of the draft', t => draftVersions(t, server))
  await t.test('clients of the draft', t => draftClients(t, server))
  await t.test('tus 1.0.0: checksum', t => tusChecksum(t, server))
  await t.test('headers as clients write them', t => clientHeaders(t, server))
  await t.test('random commands of both', t => modelOfUploads(t, server))
})
