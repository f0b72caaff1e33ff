import type { components } from './api-types.d.ts'
import { requestJson } from './http.ts'
import type { LinkKind, SignedLinks, Video } from './types.ts'

/** Signs links for people without a sign-in. @throws Problem */
export async function signLinks(
  { links }: Video,
  kinds: readonly LinkKind[],
  lifetimeS: number,
): Promise<SignedLinks> {
  const signed = await requestJson<components['schemas']['SignedLinks']>(`${links.self}/links`, {
    method: 'POST',
    json: { kinds, expires_in: lifetimeS },
  })
  return signed.links
}
