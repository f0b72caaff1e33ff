const key = process.env['LONGTAKE_KEY']?.trim()

/** Request headers with the API key or token in LONGTAKE_KEY; none if that is not set. */
export const CREDENTIAL: Readonly<Record<string, string>> = key ? { authorization: `Bearer ${key}` } : {}

/** Advice for a 401 response. */
export const KEY_HINT = key ? 'Check the key in LONGTAKE_KEY.' : 'Set LONGTAKE_KEY to an API key or a token.'
