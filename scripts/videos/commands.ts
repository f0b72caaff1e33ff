import { UserError } from '../command-line/user-error.ts'
import type { Arguments, Command } from './arguments.ts'
import { type Api, answered, type BinnedVideo, type ListedVideo } from './client.ts'
import { print, printBin, printFound, printJson, printList, printVideo } from './print.ts'

type Run = (api: Api, given: Arguments) => Promise<number>

/** The largest page of the API. */
const PAGE_LENGTH = 100

export const RUN: Readonly<Record<Command, Run>> = {
  async list(api, given) {
    if (given.bin) {
      const get = async (query: Page) => answered(await api.GET('/videos/bin', { params: { query } }))
      printBin(await pages<BinnedVideo>(given.limit, get), given)
    } else printList(await listed(api, given), given)
    return 0
  },

  async search(api, given) {
    const found = await listed(api, given)
    printFound(found, given)
    if (found.length === 0) process.stderr.write(`Nothing was found for: ${given.words}\n`)
    return 0
  },

  async get(api, given) {
    const params = { path: { id: given.ids[0]! } }
    printVideo(answered(await api.GET('/videos/{id}', { params })), given.server, given)
    return 0
  },

  async captions(api, given) {
    const params = { path: { id: given.ids[0]! } }
    const options = { params, parseAs: 'text' } as const
    const answer =
      given.format === 'vtt'
        ? await api.GET('/videos/{id}/captions.vtt', options)
        : given.format === 'srt'
          ? await api.GET('/videos/{id}/captions.srt', options)
          : await api.GET('/videos/{id}/transcript.txt', options)
    const text = answered<string>(answer)
    if (given.json) printJson([{ id: given.ids[0], format: given.format, text }])
    else process.stdout.write(text)
    return 0
  },

  delete: (api, given) =>
    each(given, async id => {
      const query = given.permanent ? { permanent: true } : {}
      answered(await api.DELETE('/videos/{id}', { params: { path: { id }, query } }))
      say(given, { id, deleted: given.permanent ? 'permanently' : 'to the bin' }, () =>
        given.permanent
          ? `Deleted permanently: ${id}`
          : `In the bin: ${id} (npm run videos -- restore ${id})`,
      )
    }),

  restore: (api, given) =>
    each(given, async id => {
      const video = answered(await api.POST('/videos/{id}/restore', { params: { path: { id } } }))
      say(given, video, () => `Restored: ${id} ${video.title}`)
    }),

  retry: (api, given) =>
    each(given, async id => {
      // The server knows the names of the steps, and says them.
      const query = given.step === undefined ? {} : { step: given.step as 'probe' }
      const video = answered(await api.POST('/videos/{id}/retry', { params: { path: { id }, query } }))
      const running = video.steps.filter(({ state }) => state === 'pending' || state === 'running')
      say(given, video, () =>
        running.length > 0
          ? `Runs again: ${running.map(({ name }) => name).join(', ')} of ${id} (npm run videos -- get ${id})`
          : `Nothing of ${id} failed; --step NAME runs a step that is done.`,
      )
    }),
}

/** Does something to each video. A refusal does not stop the others. @returns the exit code. */
async function each({ ids }: Arguments, work: (id: string) => Promise<void>): Promise<number> {
  let code = 0
  for (const id of ids) {
    try {
      await work(id)
    } catch (error) {
      if (!(error instanceof UserError) || error.endsAll) throw error
      process.stderr.write(`${id}: ${error.message}\n`)
      code = 1
    }
  }
  return code
}

function say({ json }: Arguments, value: object, text: () => string): void {
  if (json) printJson([value])
  else print(text())
}

async function listed(api: Api, { limit, status, tag, words }: Arguments): Promise<ListedVideo[]> {
  const filters = { transcript: false, ...(tag !== undefined && { tag }), ...(words && { q: words }) }
  // The server knows the states, and says them.
  const states = status === undefined ? {} : { status: status.split(',') as 'ready'[] }
  return pages(limit, async page =>
    answered(await api.GET('/videos', { params: { query: { ...filters, ...states, ...page } } })),
  )
}

interface Page {
  readonly limit: number
  readonly cursor?: string
}

/** The first `limit` items of a list, which comes in pages. Says if there are more. */
async function pages<T>(
  limit: number,
  get: (page: Page) => Promise<{ items: T[]; next_cursor: string | null }>,
): Promise<T[]> {
  const items: T[] = []
  let cursor: string | null = null
  do {
    const page: Page = {
      limit: Math.min(limit - items.length, PAGE_LENGTH),
      ...(cursor !== null && { cursor }),
    }
    const { items: more, next_cursor } = await get(page)
    items.push(...more)
    cursor = next_cursor
  } while (cursor !== null && items.length < limit)
  if (cursor !== null && process.stderr.isTTY)
    process.stderr.write(`There are more: --limit ${limit * 5} shows up to ${limit * 5}.\n`)
  return items
}
