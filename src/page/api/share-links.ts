import type { components } from './api-types.d.ts'
import { request, requestJson } from './http.ts'
import type { Video } from './types.ts'

export type ShareLink = components['schemas']['ShareLink']

/** The share links of a video, the newest first. @throws Problem */
export async function listShareLinks({ links }: Video): Promise<readonly ShareLink[]> {
  const { items } = await requestJson<components['schemas']['ShareLinkList']>(`${links.self}/shares`)
  return items
}

/** @returns the created link with its `url`, which cannot be read again. @throws Problem */
export function createShareLink(
  { links }: Video,
  link: components['schemas']['NewShareLink'],
): Promise<components['schemas']['CreatedShareLink']> {
  return requestJson(`${links.self}/shares`, { method: 'POST', json: link })
}

/** @throws Problem */
export async function revokeShareLink(id: string): Promise<void> {
  await request(`shares/${id}`, { method: 'DELETE' })
}
