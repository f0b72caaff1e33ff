import type { KeyObject, webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'

export const CLIENT = { id: 'longtake', secret: 'the secret of a client of this test' }

export interface OidcServer {
  readonly issuer: string
  /** Its key, to sign other tokens. */
  readonly privateKey: KeyObject | webcrypto.CryptoKey
  /** Changes the next responses of the token endpoint. */
  change?: (body: Record<string, unknown>) => Promise<{ status?: number; body?: unknown }>
  close(): Promise<void>
}

/**
 * A real OpenID provider on loopback, with forms where anybody signs in by any name.
 * @param options.claims claims of the ID token, by the name of the person
 */
export async function startOidcProvider({
  port,
  publicUrl,
  claims = {},
}: {
  port: number
  publicUrl: string
  claims?: Readonly<Record<string, object>>
}): Promise<OidcServer> {
  const issuer = `http://127.0.0.1:${port}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [`${publicUrl}/session/oidc/callback`],
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'first', alg: 'RS256', use: 'sig' }] },
    claims: { openid: ['sub', 'longtake_scopes'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['a key for the cookies of this test'] },
    pkce: { required: () => true },
    findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...claims[id] }) }),
  })
  const server: OidcServer = { issuer, privateKey, close }
  provider.use(async (context, next) => {
    await next()
    if (context.path !== '/token' || !server.change) return
    const { status = context.status, body } = await server.change(context.body as Record<string, unknown>)
    Object.assign(context, { status, body })
  })
  const http = createServer(provider.callback()).listen(port, '127.0.0.1')
  await once(http, 'listening')
  async function close() {
    http.closeAllConnections()
    http.close()
    await once(http, 'close')
  }
  return server
}

/** A browser without pages: it keeps cookies by host and port, and follows redirects on request. */
export class CookieJar {
  readonly #cookies = new Map<string, Map<string, string>>()

  async open(url: string, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(url)
    const jar = this.#cookies.get(host) ?? new Map<string, string>()
    this.#cookies.set(host, jar)
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { cookie: this.cookies(host), ...init.headers },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name!)
      else jar.set(name!, value!)
    }
    return response
  }

  cookies(host: string): string {
    return [...(this.#cookies.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
  }
}

/**
 * Signs in on the provider's forms.
 * @param how.cancel leaves the first form by its link "Cancel"
 * @returns the address at the service to which the provider sends the browser.
 */
export async function passProvider(
  jar: CookieJar,
  start: string,
  { name, cancel = false }: { name: string; cancel?: boolean },
): Promise<string> {
  const { origin } = new URL(start)
  let url = start
  let form: string | undefined
  for (let steps = 0; steps < 12; steps++) {
    const response: Response = await jar.open(url, {
      ...(form !== undefined && {
        method: 'POST',
        body: form,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
    })
    form = undefined
    const text = await response.text()
    const location = response.headers.get('location')
    if (location) {
      url = new URL(location, url).href
      if (new URL(url).origin !== origin) return url
      continue
    }
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(text) ?? []
    const [, prompt] = /name="prompt" value="(\w+)"/.exec(text) ?? []
    if (!action || !prompt) throw new Error(`The provider sent ${response.status} and no form:\n${text}`)
    url = new URL(action, url).href
    if (cancel) url = `${url}/abort`
    else form = new URLSearchParams({ prompt, login: name, password: 'any' }).toString()
  }
  throw new Error('The provider does not send the browser back.')
}
