import { readFileSync } from 'node:fs'
import { connect } from 'nats'
import t, { type Test } from 'tap'
import { NatsQueue } from '../../src/messaging/nats-queue.ts'
import { clip } from '../support/clips.ts'
import { NatsServer } from '../support/nats-server.ts'
import { eventsWaiting } from '../support/one-right-video.ts'
import { startPostgres } from '../support/postgres.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { startService } from '../support/service.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { tusUpload } from '../support/tus-upload.ts'
import { until } from '../support/until.ts'
import { endedVideo } from '../support/video-api.ts'
import { videoEvent } from '../support/video-event.ts'

const UPLOAD_COUNT = 9
const addressOf = (servers: readonly NatsServer[]) => servers.map(({ url }) => url).join(',')

/** Returns when JetStream can put a stream on all servers. */
async function startCluster(t: Test, count: number) {
  const servers = await NatsServer.startCluster(count)
  t.teardown(() => Promise.all(servers.map(server => server.stop('SIGKILL'))))
  const nats = await connect({
    servers: servers.map(({ url }) => url.replace('nats://', '')),
    maxReconnectAttempts: -1,
  })
  t.teardown(() => nats.close())
  const jsm = await nats.jetstreamManager({ checkAPI: false })
  await until(() => jsm.streams.add({ name: 'PROBE', subjects: ['probe'], num_replicas: Math.min(count, 3) }))
  await jsm.streams.delete('PROBE')
  return { servers, jsm }
}

t.test('two servers of a cluster keep one replica', async t => {
  const { servers, jsm } = await startCluster(t, 2)
  const queue = new NatsQueue(addressOf(servers), recordedLog().log)
  t.teardown(() => queue.close())
  const event = videoEvent()
  await until(() => queue.publish(event).then(() => true))
  const { config, state } = await jsm.streams.info('VIDEOS')
  t.equal(config.num_replicas, 1)
  t.equal(state.messages, 1)
})

t.test('a NATS cluster whose leader is killed loses no work', async t => {
  const sound = readFileSync(await clip({ seconds: 1, container: 'mp3' }))
  const { servers, jsm } = await startCluster(t, 3)
  const postgres = await startPostgres()
  t.teardown(() => postgres.stop())
  const env = {
    DATABASE_URL: await postgres.createDatabase(),
    NATS_URL: addressOf(servers),
    DATA_DIR: throwAwayDirectory('nats-cluster'),
    // Nothing but the queue tells the workers.
    SWEEP_INTERVAL: '3600',
  }
  const start = async (ROLE: 'api' | 'worker') => {
    const service = await startService({ env: { ...env, ROLE } })
    t.teardown(() => service.stop())
    return service
  }
  const [api, ...workers] = await Promise.all([start('api'), start('worker'), start('worker')])
  const leaderOf = async () => {
    const { cluster } = await jsm.streams.info('VIDEOS')
    return cluster?.leader && Number(cluster.leader.slice(1)) + 1
  }
  const stepsEnded = () =>
    workers.flatMap(({ logs }) => logs.filter(({ msg }) => msg === 'step completed').map(line => line))

  const leader = (await until(leaderOf)) - 1
  t.equal((await jsm.streams.info('VIDEOS')).config.num_replicas, 3)
  const ids: string[] = []
  const upload = async () => {
    ids.push(await tusUpload(api.url, sound, { metadata: { filename: 'a.mp3' } }).done)
  }
  for (let n = 0; n < UPLOAD_COUNT / 3; n++) await upload()
  await until(() => stepsEnded().length > 0)
  const uploading = Promise.all(Array.from({ length: UPLOAD_COUNT / 3 }, upload))
  await servers[leader]!.stop('SIGKILL')
  await uploading
  for (let n = 0; n < UPLOAD_COUNT / 3; n++) await upload()

  const videos = []
  for (const id of ids) videos.push(await endedVideo(api.url, id))
  t.ok(videos.every(({ status }) => status === 'ready'))
  t.ok(
    videos.flatMap(({ steps }) => steps).every(({ attempts }) => attempts <= 1),
    'nothing was begun twice',
  )
  const done = stepsEnded().map(line => `${line['video_id']} ${line['step']}`)
  t.equal(new Set(done).size, done.length, 'nothing was done twice')

  const second = await until(leaderOf)
  t.not(second - 1, leader, 'there is another leader')
  await servers[leader]!.start()
  await until(async () => (await eventsWaiting(api)) === 0)
  const events: string[] = []
  const { state } = await jsm.streams.info('VIDEOS')
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await jsm.streams.getMessage('VIDEOS', { seq })
    const { video_id, type } = message.json<Record<string, string>>()
    events.push(`${video_id} ${type}`)
  }
  for (const id of ids)
    for (const type of ['video.uploaded', 'video.probed', 'video.ready'])
      t.equal(events.filter(event => event === `${id} ${type}`).length, 1, `${type} of ${id}`)
  await until(async () => (await jsm.streams.info('VIDEOS')).cluster?.replicas?.every(one => one.current))
})
