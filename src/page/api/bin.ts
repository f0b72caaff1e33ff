import type { components } from './api-types.d.ts'
import { request, requestJson } from './http.ts'
import { inBatches } from './videos.ts'

type Schemas = components['schemas']

export type BinnedVideo = Schemas['BinnedVideo']
export type BinPage = Schemas['BinList']

const VIDEOS_PER_PAGE = 50

let status: Promise<Schemas['Status']> | undefined

/** Days for which a deleted video can be restored; 0 if the server has no bin. */
export async function binDays(): Promise<number> {
  status ??= requestJson<Schemas['Status']>('status')
  try {
    return (await status).bin_days
  } catch (error) {
    status = undefined
    throw error
  }
}

export function listBin(cursor: string | null): Promise<BinPage> {
  return requestJson(
    `videos/bin?${new URLSearchParams({ limit: String(VIDEOS_PER_PAGE), ...(cursor && { cursor }) })}`,
  )
}

/** @returns the ids of the restored videos; the others were deleted permanently. */
export async function restoreVideos(ids: readonly string[]): Promise<string[]> {
  const restored: string[] = []
  for (const some of inBatches(ids)) {
    const { results } = await requestJson<Schemas['Restorations']>('videos/restore', {
      method: 'POST',
      json: { ids: some },
    })
    restored.push(...results.filter(({ result }) => result === 'restored').map(({ id }) => id))
  }
  return restored
}

export async function deleteForGood(id: string): Promise<void> {
  await request(`videos/${id}?permanent=true`, { method: 'DELETE' })
}

/** Deletes everything in the bin permanently. */
export async function emptyBin(): Promise<void> {
  await request('videos/bin', { method: 'DELETE' })
}
