import t from 'tap'
import { childrenWith } from '../support/child-processes.ts'
import { flavours } from '../support/flavours.ts'
import { slowClip } from '../support/media-clips.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { postVideo, type VideoView } from '../support/video-api.ts'

const path = await slowClip(60)

await flavours(t, async (t, { env }) => {
  const service = await startService({ env })
  t.teardown(() => service.stop())

  await t.test(
    'a long step tells how far it has come, and ends at once when its video is deleted',
    async t => {
      const { id } = await postVideo(service.url, path)
      const url = `${service.url}/videos/${id}`
      const events = await fetch(`${url}/events`)
      const seen: { at: number; progress: number }[] = []
      let [asked, deleted] = [false, false]
      const decoder = new TextDecoder()
      let text = ''
      for await (const chunk of events.body!) {
        text += decoder.decode(chunk, { stream: true })
        const blocks = text.split('\n\n')
        text = blocks.pop()!
        for (const block of blocks) {
          const [, event, data = ''] = /^(?:id: \d+\n)?event: (\w+)\ndata: (.*)$/.exec(block) ?? []
          if (event === 'deleted') deleted = true
          if (event !== 'video') continue
          const step = (JSON.parse(data) as VideoView).steps.find(({ name }) => name === 'playback')!
          if (step.state === 'running') seen.push({ at: performance.now(), progress: step.progress })
        }
        // Events tell of the other steps, too: some come while this one has not moved.
        const moved = new Set(seen.map(({ progress }) => progress).filter(progress => progress > 0))
        if (moved.size < 4 || asked) continue
        asked = true
        t.ok(childrenWith(id).length > 0, 'ffmpeg is at work')
        t.equal((await fetch(url, { method: 'DELETE' })).status, 204)
        const began = performance.now()
        await until(() => childrenWith(id).length === 0)
        t.comment(`ffmpeg ended ${Math.round(performance.now() - began)} ms after the answer`)
      }
      t.ok(deleted, 'the stream tells that the video is gone')
      const values = seen.map(({ progress }) => progress)
      t.ok(
        values.every((value, index) => value >= (values[index - 1] ?? 0) && value < 100),
        `${values}`,
      )
      t.ok(new Set(values).size >= 4, 'it moves')
      const waits = seen.map(({ at }, index) => Math.round(at - (seen[index - 1]?.at ?? at)))
      t.comment(`ms between events: ${waits}`)
    },
  )
})
