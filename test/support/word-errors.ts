/** A word and when it was said, in seconds. */
export interface SpokenWord {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * The share of words that have to be changed, inserted or deleted to get the text (Levenshtein). Case, punctuation and diacritics do not count;
 * an apostrophe or a hyphen separates words.
 */
export function wordErrors(words: readonly SpokenWord[], text: string): number {
  const [written, expected] = [tokensOf(words.map(word => word.text).join(' ')), tokensOf(text)]
  return distances(written, expected).at(-1)!.at(-1)! / expected.length
}

function tokensOf(text: string): string[] {
  const separators = /[^\p{L}\p{N}\p{M}]+/u
  return text.split(separators).map(plain).filter(Boolean)
}

/** Pairs of words that two results have in common, in order. */
export function alignWords(
  one: readonly SpokenWord[],
  other: readonly SpokenWord[],
): (readonly [SpokenWord, SpokenWord])[] {
  const [left, right] = [one, other].map(words => words.map(word => plain(word.text))) as [string[], string[]]
  const table = distances(left, right)
  const pairs: (readonly [SpokenWord, SpokenWord])[] = []
  let [at, index] = [left.length, right.length]
  while (at > 0 && index > 0) {
    const here = table[at]![index]!
    if (left[at - 1] === right[index - 1] && here === table[at - 1]![index - 1]) {
      pairs.push([one[--at]!, other[--index]!])
    } else if (here === table[at - 1]![index]! + 1) at--
    else if (here === table[at]![index - 1]! + 1) index--
    else [at, index] = [at - 1, index - 1]
  }
  return pairs.toReversed()
}

function plain(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}']/gu, '')
}

/** The distance of each beginning of one list from each beginning of the other. */
function distances(one: readonly string[], other: readonly string[]): number[][] {
  const table = [Array.from({ length: other.length + 1 }, (_, index) => index)]
  for (const [at, word] of one.entries()) {
    const row = table[at]!
    const next = [at + 1]
    for (const [index, expected] of other.entries())
      next.push(Math.min(row[index]! + (word === expected ? 0 : 1), row[index + 1]! + 1, next[index]! + 1))
    table.push(next)
  }
  return table
}
