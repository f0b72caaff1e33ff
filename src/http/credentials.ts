import type { FastifyRequest } from 'fastify'
import { type Access, EVERYTHING } from '../access/access.ts'
import { accessByKey } from '../access/api-keys.ts'
import { accessBySession } from '../access/sessions.ts'
import { findShareLink } from '../access/share-links.ts'
import { covers, isLinkKind, type LinkSigner } from '../access/signed-links.ts'
import { ApiError } from '../base/errors.ts'
import type { AuthConfig } from '../config/config.ts'
import type { Db } from '../database/schema.ts'
import type { UploaderLink } from '../uploads/core/upload-context.ts'
import { findUploadLink, usedLink } from '../uploads/core/upload-links.ts'
import type { GuestPasses } from './guest-passes.ts'
import { isUploadRoute, policyOf } from './route-policy.ts'
import { sessionCookieOf } from './session-cookie.ts'

export interface Identity {
  readonly access: Access
  /** Set if the credential is valid for the resource of the path only. Its owner is not checked then. */
  readonly isForThis?: true
  /** The upload link that the request uses instead of a key. */
  readonly uploadLink?: UploaderLink
  /** Whether the credential is a cookie, which browsers add to requests of any page. The origin of the page must then be checked. */
  readonly isByCookie?: true
}

/** @returns undefined if a request has no credential. @throws ApiError 401, 403, 503 */
export type Identify = (request: FastifyRequest) => Promise<Identity | undefined>

/** Identifies requests by a key or token in Authorization, by a link in the query, or by the cookie of a session. */
export async function identification({
  auth,
  db,
  signer,
  guests,
}: {
  auth: AuthConfig
  db: Db
  signer: LinkSigner
  guests: GuestPasses
}): Promise<Identify> {
  const accessBy = await accessCheck(auth, db)
  return async request => {
    const { authorization } = request.headers
    if (authorization !== undefined && auth.kind !== 'none') {
      const [, secret] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
      const access = secret === undefined ? undefined : await accessBy(secret)
      if (access) return { access }
      throw new ApiError(401, 'invalid_token', 'The key or token is invalid or has expired.')
    }
    const { signature, link, share } = request.query as Record<string, unknown>
    if (signature !== undefined) return bySignature(request, signer)
    if (share !== undefined) return byShareLink(request, db, guests)
    if (link !== undefined && isUploadRoute(request)) return byUploadLink(request, db, String(link))
    if (auth.kind === 'none') return { access: EVERYTHING }
    const cookie = sessionCookieOf(request)
    const access = cookie === undefined ? undefined : await accessBySession(db, cookie)
    return access && { access, isByCookie: true }
  }
}

async function accessCheck(
  auth: AuthConfig,
  db: Db,
): Promise<(secret: string) => Promise<Access | undefined>> {
  if (auth.kind !== 'jwt') return key => accessByKey(db, key)
  // Loaded only if tokens are used, because loading it delays the start.
  const { tokenCheck } = await import('../access/tokens.ts')
  return tokenCheck(auth.jwt)
}

/** A signed link permits GET of the resource that it was signed for. */
function bySignature(request: FastifyRequest, signer: LinkSigner): Identity {
  const { kind, expires, signature, track, ...others } = request.query as Record<string, unknown>
  const { id: videoId } = request.params as { id?: string }
  const { signedLink } = policyOf(request) ?? {}
  const isValid =
    (request.method === 'GET' || request.method === 'HEAD') &&
    videoId !== undefined &&
    isLinkKind(kind) &&
    signedLink !== undefined &&
    covers(kind, signedLink) &&
    typeof expires === 'string' &&
    String(Number(expires)) === expires &&
    typeof signature === 'string' &&
    Object.keys(others).length === 0 &&
    // The same link is valid for all audio tracks of a video.
    (track === undefined || kind === 'audio') &&
    signer.verify({ videoId, kind, expires: Number(expires) }, signature)
  if (!isValid) throw new ApiError(403, 'invalid_link', 'The link is not signed for this request.')
  if (Number(expires) * 1000 < Date.now()) throw new ApiError(403, 'link_expired', 'The link has expired.')
  return { access: { owner: null, all: false, scopes: ['read'], credential: undefined }, isForThis: true }
}

/** A share link permits GET of the files that the player of its video loads. */
async function byShareLink(request: FastifyRequest, db: Db, guests: GuestPasses): Promise<Identity> {
  const { share } = request.query as Record<string, unknown>
  const { id } = request.params as { id?: string }
  const { signedLink } = policyOf(request) ?? {}
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const isCovered = isRead && signedLink !== undefined && covers('embed', signedLink)
  const link = isCovered && typeof share === 'string' ? await findShareLink(db, share) : undefined
  if (!link || link.video_id !== id || !guests.admits(request, link))
    throw new ApiError(
      403,
      'invalid_link',
      'The share link does not permit this request, or is no longer valid.',
    )
  return { access: { owner: null, all: false, scopes: ['read'], credential: undefined }, isForThis: true }
}

/** An upload link creates one upload, and is then the credential of that upload. */
async function byUploadLink(request: FastifyRequest, db: Db, token: string): Promise<Identity> {
  const link = await findUploadLink(db, token)
  const { id } = request.params as { id?: string }
  if (!link || (id !== undefined && id !== link.upload_id))
    throw new ApiError(403, 'invalid_link', 'The link is not for this upload.')
  // A link that has created its upload may repeat the request; the creation route handles that.
  const isOver = link.upload_id === null && link.expires_at.getTime() < Date.now()
  if (id === undefined && isOver) throw usedLink()
  if (request.headers['upload-concat'] !== undefined)
    throw new ApiError(403, 'one_upload', 'The link is for one upload and cannot concatenate other uploads.')
  const { owner } = link
  return {
    access: { owner, all: false, scopes: ['write'], credential: `link ${link.id}` },
    isForThis: true,
    uploadLink: { id: link.id, maxSize: link.max_size, query: `?link=${token}` },
  }
}
