import * as client from 'openid-client'
import { ApiError } from '../base/errors.ts'
import type { OidcConfig } from '../config/config.ts'
import { type Access, hasScope, isOwner, scopesOf } from './access.ts'

/** Lifetime of a session. After it the provider decides again, so an account that was blocked there loses its access. */
const SESSION_MS = 24 * 3_600_000
/** Accepted difference between the clocks of the provider and this service. */
const CLOCK_TOLERANCE_S = 30
/** Time limit of one request to the provider. */
const TIMEOUT_S = 5
/** The description of the provider is read again when it is older than this. */
const METADATA_MAX_AGE_MS = 3_600_000
/** The claim of the ID token with the scopes. The name is specific, because claims such as `roles` have meanings for other services. */
const SCOPES_CLAIM = 'longtake_scopes'
/** Errors of an authorization response after which the person can try again (RFC 6749 §4.1.2.1). */
const TEMPORARY_ERRORS = ['server_error', 'temporarily_unavailable']

/** The values that connect the response of the provider with the browser that began the sign-in. */
export interface SignInAttempt {
  readonly state: string
  readonly nonce: string
  /** Code verifier (RFC 7636). */
  readonly verifier: string
}

/**
 * An OpenID provider at which people sign in (OpenID Connect Core 1.0 §3.1: authorization code flow, with PKCE). The provider is first
 * contacted when somebody signs in, so the service starts and serves keys and sessions while the provider is unavailable.
 */
export class OidcProvider {
  readonly #config: OidcConfig
  readonly #redirectUri: string
  #found: { readonly configuration: client.Configuration; readonly at: number } | undefined
  #search: Promise<client.Configuration> | undefined

  /** @param redirectUri the address to which the provider sends people back. It must be registered there. */
  constructor(config: OidcConfig, redirectUri: string) {
    this.#config = config
    this.#redirectUri = redirectUri
  }

  /** Begins a sign-in. @returns the page of the provider to open. @throws ApiError 503 */
  async begin(): Promise<{ attempt: SignInAttempt; url: URL }> {
    const configuration = await this.#configuration()
    const attempt = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    }
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirectUri,
      scope: 'openid',
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    })
    return { attempt, url }
  }

  /**
   * Ends a sign-in: exchanges the code for an ID token and checks the token.
   * @param query of the request to the redirect URI, with the question mark.
   * @throws ApiError 400 if the code was used or has expired, 403 if the provider or a check refuses, 503 if the provider does not respond.
   */
  async finish(query: string, { state, nonce, verifier }: SignInAttempt): Promise<Access> {
    const configuration = await this.#configuration()
    const tokens = await client
      .authorizationCodeGrant(configuration, new URL(this.#redirectUri + query), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      .catch(error => {
        throw signInError(error)
      })
    return accessOf(tokens.claims()!)
  }

  /** @throws Error with the reason if the provider does not respond as its settings promise. */
  async check(): Promise<void> {
    await this.#discover()
  }

  /** @throws ApiError 503 */
  async #configuration(): Promise<client.Configuration> {
    const found = this.#found
    if (found && performance.now() - found.at < METADATA_MAX_AGE_MS) return found.configuration
    try {
      return await this.#discover()
    } catch (error) {
      if (found) return found.configuration
      throw unavailable(error)
    }
  }

  /** Reads the description of the provider (OpenID Connect Discovery 1.0). Concurrent callers share one request. */
  #discover(): Promise<client.Configuration> {
    this.#search ??= discover(this.#config)
      .then(configuration => {
        this.#found = { configuration, at: performance.now() }
        return configuration
      })
      .finally(() => {
        this.#search = undefined
      })
    return this.#search
  }
}

async function discover({ issuer, clientId, clientSecret }: OidcConfig): Promise<client.Configuration> {
  const metadata = { client_secret: clientSecret, [client.clockTolerance]: CLOCK_TOLERANCE_S }
  // The settings permit http:// for this machine only.
  const isPlain = issuer.startsWith('http:')
  return client.discovery(new URL(issuer), clientId, metadata, authentication(clientSecret), {
    timeout: TIMEOUT_S,
    execute: [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])],
  })
}

/** Sends the client secret in the way that the provider supports. By default, that is HTTP Basic (OpenID Connect Discovery 1.0 §3). */
function authentication(clientSecret: string): client.ClientAuth {
  const basic = client.ClientSecretBasic(clientSecret)
  const post = client.ClientSecretPost(clientSecret)
  return (server, ...rest) => {
    const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = server
    return (methods.includes('client_secret_basic') ? basic : post)(server, ...rest)
  }
}

function accessOf(claims: client.IDToken): Access {
  const { sub, [SCOPES_CLAIM]: claim } = claims
  if (!isOwner(sub))
    throw new ApiError(403, 'sign_in_failed', 'The provider sent a user id that cannot be used.')
  const scopes = scopesOf(claim)
  const access = {
    owner: sub,
    scopes,
    all: scopes.includes('admin'),
    credential: `subject ${sub}`,
    endsAt: Date.now() + SESSION_MS,
  }
  if (!hasScope(access, 'read'))
    throw new ApiError(
      403,
      'sign_in_failed',
      'Your account has no access to this service. Ask its operator for access.',
    )
  return access
}

function signInError(error: unknown): ApiError {
  if (error instanceof client.AuthorizationResponseError) {
    if (error.error === 'access_denied')
      return caused(error, 403, 'sign_in_denied', 'The sign-in was cancelled or refused.')
    return TEMPORARY_ERRORS.includes(error.error) ? unavailable(error) : failed(error)
  }
  if (error instanceof client.ResponseBodyError) {
    // The code was used, has expired, or is for another client or verifier (RFC 6749 §5.2).
    if (error.error === 'invalid_grant')
      return caused(error, 400, 'sign_in_expired', 'This sign-in has expired or was already used.')
    return error.status >= 500 ? unavailable(error) : failed(error)
  }
  return isUnreachable(error) ? unavailable(error) : failed(error)
}

/** Whether the provider did not respond, or responded with an error of its own. */
function isUnreachable(error: unknown): boolean {
  // `fetch` fails with a TypeError. Any other status than 200 without an OAuth error is a Response as the cause.
  if (error instanceof TypeError) return true
  const { code, cause } = error as { code?: string; cause?: unknown }
  return code === 'OAUTH_TIMEOUT' || (cause instanceof Response && cause.status >= 500)
}

function failed(cause: unknown): ApiError {
  const text =
    'The provider’s response was not accepted. Sign in again, or ask the operator: the log has the reason.'
  return caused(cause, 403, 'sign_in_failed', text)
}

function unavailable(cause: unknown): ApiError {
  const text = 'The provider does not respond at the moment. Try again in a moment.'
  return caused(cause, 503, 'provider_unavailable', text)
}

function caused(cause: unknown, ...problem: ConstructorParameters<typeof ApiError>): ApiError {
  return Object.assign(new ApiError(...problem), { cause })
}
