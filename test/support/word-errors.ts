/** A word and when it was said, in seconds. */
export interface SpokenWord {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The share of words that have to be changed, put in or taken out to get the text (Levenshtein), in which case and punctuation count for nothing. */
export function wordErrors(words: readonly SpokenWord[], text: string): number {
  const expected = text.split(' ').map(plain)
  return (
    distances(
      words.map(word => plain(word.text)),
      expected,
    )
      .at(-1)!
      .at(-1)! / expected.length
  )
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
  return text.toLowerCase().replaceAll(/[^a-z']/g, '')
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
