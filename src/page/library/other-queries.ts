import { say } from '../locale/say.ts'

/** A shorter beginning would match too many words, and the API does not accept it. */
const MIN_PREFIX_CHARACTERS = 3
/** Spelling errors are rarely in the first letters. */
const PREFIX_SHARE = 0.6

export interface OtherQuery {
  readonly label: string
  readonly q: string
}

/** Wider searches for the words of a query: any of them, and words that begin like them. */
export function otherQueries(q: string): OtherQuery[] {
  const words = q.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  const beginnings = words.map(word => {
    const letters = [...word]
    const length = Math.max(MIN_PREFIX_CHARACTERS, Math.floor(letters.length * PREFIX_SHARE))
    return letters.length < MIN_PREFIX_CHARACTERS ? word : `${letters.slice(0, length).join('')}*`
  })
  const others: OtherQuery[] = []
  if (words.length > 1) others.push({ label: say('Any of these words'), q: words.join(' or ') })
  if (beginnings.some(word => word.endsWith('*'))) {
    const shown = beginnings.map(word => word.replace('*', '…')).join(' ')
    others.push({ label: say('Words that begin with “{words}”', { words: shown }), q: beginnings.join(' ') })
  }
  return others.filter(other => other.q !== q)
}
