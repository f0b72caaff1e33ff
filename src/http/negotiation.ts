import { listElements } from '../base/header-fields.ts'

/** Parses a weighted list (RFC 9110 §12.4.2): names in lower case, each with its weight from 0 to 1. */
function weightsOf(header: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const member of listElements(header)) {
    const [name = '', ...parameters] = member.split(';').map(part => part.trim().toLowerCase())
    const weight = parameters.find(parameter => /^q\s*=/.test(parameter))
    const value = weight === undefined ? 1 : Number(weight.replace(/^q\s*=\s*/, '') || Number.NaN)
    // A member with a malformed weight is ignored.
    if (name && value >= 0 && value <= 1) weights.set(name, value)
  }
  return weights
}

/**
 * The media type that a client prefers (RFC 9110 §12.5.1); of several with the same weight, the first offer.
 * @returns undefined if the client accepts none of them.
 */
export function preferredType<T extends string>(
  accept: string | undefined,
  offers: readonly T[],
): T | undefined {
  const weights = weightsOf(accept ?? '*/*')
  if (weights.size === 0) return offers[0]
  return heaviest(offers, offer => {
    const [type] = offer.split('/')
    return weights.get(offer) ?? weights.get(`${type}/*`) ?? weights.get('*/*') ?? 0
  })
}

/**
 * The content coding that a client prefers (RFC 9110 §12.5.3); of several with the same weight, the first offer.
 * @returns undefined if the client prefers uncoded content, or accepts none of the offers.
 */
export function preferredCoding<T extends string>(
  acceptEncoding: string | undefined,
  offers: readonly T[],
): T | undefined {
  const weights = weightsOf(acceptEncoding ?? '')
  const weigh = (coding: string) =>
    // The old name of the same coding (RFC 9110 §8.4.1.3).
    weights.get(coding) ?? (coding === 'gzip' ? weights.get('x-gzip') : undefined) ?? weights.get('*') ?? 0
  const best = heaviest(offers, weigh)
  return best !== undefined && weigh(best) >= (weights.get('identity') ?? 0) ? best : undefined
}

/**
 * The language that a client prefers (RFC 9110 §12.5.4), whatever its region is.
 * @param offers first parts of language tags; the first is the answer if the client prefers none of them
 */
export function preferredLanguage<T extends string>(
  acceptLanguage: string | undefined,
  offers: readonly T[],
): T {
  const weights = [...weightsOf(acceptLanguage ?? '')].filter(([, weight]) => weight > 0)
  const wanted = weights.toSorted(([, one], [, other]) => other - one).map(([tag]) => tag.split('-')[0])
  return wanted.flatMap(language => offers.find(offer => offer === language) ?? [])[0] ?? offers[0]!
}

/** Whether a client refuses uncoded content: `identity;q=0`, or `*;q=0` if identity is not named. */
export function refusesIdentity(acceptEncoding: string | undefined): boolean {
  const weights = weightsOf(acceptEncoding ?? '')
  return (weights.get('identity') ?? weights.get('*')) === 0
}

function heaviest<T extends string>(offers: readonly T[], weigh: (offer: T) => number): T | undefined {
  const wanted = offers.filter(offer => weigh(offer) > 0)
  return wanted.toSorted((one, other) => weigh(other) - weigh(one))[0]
}
