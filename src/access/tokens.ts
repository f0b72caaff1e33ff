import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { ApiError } from '../base/errors.ts'
import type { JwtConfig } from '../config/config.ts'
import { SCOPES, type Scope } from '../database/schema.ts'
import { type Access, isOwner } from './access.ts'

/** How far the clocks of issuer and server may be apart, in seconds. */
const CLOCK_TOLERANCE = 30
/** How long the key set may take to answer, in milliseconds. */
const PATIENCE = 5000

/** @returns what a token lets its bearer do; undefined for one that is not good. @throws ApiError 503 where that cannot be told now. */
export type TokenCheck = (token: string) => Promise<Access | undefined>

/** Checks JSON Web Tokens (RFC 7519) by the one algorithm that is configured: what their own header says of it is not asked. */
export function tokenCheck({ algorithm, key, issuer, audience }: JwtConfig): TokenCheck {
  const keys: JWTVerifyGetKey =
    'secret' in key ? async () => new TextEncoder().encode(key.secret) : keySet(key.jwksUrl)
  const options = {
    algorithms: [algorithm],
    issuer,
    audience,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE,
  }
  return async token => {
    try {
      return accessOf((await jwtVerify(token, keys, options)).payload)
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error instanceof ApiError ? error : unavailable()
    }
  }
}

/** Keys of the issuer, which come and go. A failure to ask for them says nothing about a token, and is not remembered. */
function keySet(url: string): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url), { timeoutDuration: PATIENCE })
  return async (header, token) => {
    try {
      return await remote(header, token)
    } catch (error) {
      const isOfToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported
      throw isOfToken ? error : unavailable()
    }
  }
}

/** A token without scopes is somebody's who works with what is theirs. */
function accessOf({ sub, scope, scp, exp }: JWTPayload): Access | undefined {
  if (!isOwner(sub)) return undefined
  const said = scope ?? scp
  const names = typeof said === 'string' ? said.split(' ') : Array.isArray(said) ? said : []
  const scopes: readonly Scope[] =
    said === undefined ? ['read', 'write'] : SCOPES.filter(known => names.includes(known))
  const endsAt = (exp! + CLOCK_TOLERANCE) * 1000
  return { owner: sub, scopes, all: scopes.includes('admin'), credential: `subject ${sub}`, endsAt }
}

function unavailable(): ApiError {
  return new ApiError(
    503,
    'keys_unavailable',
    'The keys that tokens are checked by cannot be had now: try again.',
  )
}
