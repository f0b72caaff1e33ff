import type { components } from './api-types.d.ts'
import { request, requestJson } from './http.ts'

export type Key = components['schemas']['Key']
export type Scope = Key['scopes'][number]

/** The API keys that are not revoked, oldest first. @throws Problem */
export async function listKeys(): Promise<Key[]> {
  const { items } = await requestJson<components['schemas']['KeyList']>('keys')
  return items.filter(({ revoked_at }) => revoked_at === null)
}

/** @returns the key with its secret, which the server does not show again. @throws Problem */
export function createKey(
  key: components['schemas']['NewKey'],
): Promise<components['schemas']['CreatedKey']> {
  return requestJson('keys', { method: 'POST', json: key })
}

/** @throws Problem */
export async function revokeKey(id: string): Promise<void> {
  await request(`keys/${id}`, { method: 'DELETE' })
}
