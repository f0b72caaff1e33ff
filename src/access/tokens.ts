import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { ApiError } from '../base/errors.ts'
import type { JwtConfig } from '../config/config.ts'
import { type Access, isOwner, scopesOf } from './access.ts'

/** Accepted difference between the clocks of the issuer and this service. */
const CLOCK_TOLERANCE_S = 30
/** Time limit for loading the issuer's keys. */
const KEYS_TIMEOUT_MS = 5000

/** @returns the permissions of a token; undefined if the token is invalid. @throws ApiError 503 if it cannot be checked now. */
export type TokenCheck = (token: string) => Promise<Access | undefined>

/** Checks JSON Web Tokens (RFC 7519). Only the configured algorithm is accepted, whatever the token's header says. */
export function tokenCheck({ algorithm, key, issuer, audience }: JwtConfig): TokenCheck {
  const keys: JWTVerifyGetKey =
    'secret' in key ? async () => new TextEncoder().encode(key.secret) : keySet(key.jwksUrl)
  const options = {
    algorithms: [algorithm],
    issuer,
    audience,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_S,
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

/** The keys of the issuer, which may change. A failure to load them does not make the token invalid and is not cached. */
function keySet(url: string): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url), { timeoutDuration: KEYS_TIMEOUT_MS })
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

function accessOf({ sub, scope, scp, exp }: JWTPayload): Access | undefined {
  if (!isOwner(sub)) return undefined
  const scopes = scopesOf(scope ?? scp)
  const endsAt = (exp! + CLOCK_TOLERANCE_S) * 1000
  return { owner: sub, scopes, all: scopes.includes('admin'), credential: `subject ${sub}`, endsAt }
}

function unavailable(): ApiError {
  return new ApiError(
    503,
    'keys_unavailable',
    'The keys for checking tokens cannot be loaded now. Try again later.',
  )
}
