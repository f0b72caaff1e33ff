const key = process.env['LONGTAKE_KEY']?.trim()

/** Headers that say who uploads, where the server asks: LONGTAKE_KEY is an API key or a token. */
export const CREDENTIAL: Readonly<Record<string, string>> = key ? { authorization: `Bearer ${key}` } : {}
