import t from 'tap'
import { EVERYTHING } from '../../src/access/access.ts'
import { ApiError, StepError } from '../../src/base/errors.ts'
import type { StepName } from '../../src/database/tables/steps.ts'
import { listVideos } from '../../src/videos/catalogue/video-list.ts'
import type { Viewer } from '../../src/videos/catalogue/viewer.ts'
import { retrySteps } from '../../src/videos/pipeline/retry.ts'
import { failStep } from '../../src/videos/pipeline/steps.ts'
import { addVideo, claim, complete, FACTS } from '../support/catalogue-rows.ts'
import { databases } from '../support/databases.ts'

const REFUSED = new StepError('speech_to_text_refused', 'Refused.', { retryable: false })
const STEPS: readonly StepName[] = ['probe', 'playback', 'poster', 'audio', 'transcribe']

await databases(t, async (t, db) => {
  /** A video whose processing has ended. */
  const ended = async (title: string, failing?: StepName, owner = 'ann') => {
    const id = await addVideo(db, { metadata: { title, tags: 'sea' }, owner })
    for (const step of STEPS) {
      if (step !== failing) await complete(db, id, step, step === 'probe' ? { facts: FACTS } : {})
      else await failStep(db, await claim(db, id, step), REFUSED)
      if (step === 'probe' && failing === 'probe') break
    }
    return id
  }
  const titles = async (query: Partial<Parameters<typeof listVideos>[2]>, viewer: Viewer = EVERYTHING) => {
    const page = await listVideos(db, viewer, { limit: 10, needs_attention: true, count: true, ...query })
    t.equal(page.count!.videos, page.items.length)
    return page.items.map(({ title }) => title)
  }

  t.test('videos that failed need attention, and ready videos of which a step failed', async t => {
    await ended('Whole')
    await ended('Unreadable', 'probe')
    const silent = await ended('No words', 'transcribe')
    await ended('No picture', 'poster', 'bob')
    const running = await addVideo(db, { metadata: { title: 'Running' }, owner: 'ann' })
    await complete(db, running, 'probe', { facts: FACTS })
    await failStep(db, await claim(db, running, 'poster'), REFUSED)

    t.same(await titles({}), ['No picture', 'No words', 'Unreadable'])
    t.same(await titles({ sort: 'title' }), ['No picture', 'No words', 'Unreadable'])
    t.same(await titles({ status: ['ready'] }), ['No picture', 'No words'])
    t.same(await titles({ status: ['failed', 'uploading'] }), ['Unreadable'])
    t.same(await titles({ status: ['processing'] }), [])
    t.same(await titles({ tag: 'sea', q: 'words or whole or unreadable' }), ['No words', 'Unreadable'])
    t.same(await titles({}, { all: false, owner: 'bob' }), ['No picture'])
    const first = await listVideos(db, EVERYTHING, { limit: 1, needs_attention: true })
    const rest = await listVideos(db, EVERYTHING, {
      limit: 10,
      needs_attention: true,
      cursor: first.nextCursor!,
    })
    t.same(
      rest.items.map(({ title }) => title),
      ['No words', 'Unreadable'],
    )
    await t.rejects(listVideos(db, EVERYTHING, { limit: 1, cursor: first.nextCursor! }), ApiError)

    await retrySteps(db, silent)
    t.same(await titles({}), ['No picture', 'Unreadable'], 'not while it is tried again')
    await complete(db, silent, 'transcribe')
    t.same(await titles({}), ['No picture', 'Unreadable'])
  })
})
