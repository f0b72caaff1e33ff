const key = process.env['LONGTAKE_KEY']?.trim()

/** Request headers with the API key or token in LONGTAKE_KEY; none if that is not set. */
export const CREDENTIAL: Readonly<Record<string, string>> = key ? { authorization: `Bearer ${key}` } : {}
