/** @returns the one of `names` that was probably meant by `text`; undefined if none is close. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  // A third of the letters may be wrong, and a beginning is enough.
  const limit = Math.max(1, Math.floor(text.length / 3))
  const ranked = names
    .map(name => ({ name, distance: editDistance(text, name) }))
    .sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  if (best && best.distance <= limit) return best.name
  return text.length > 2 ? names.find(name => name.startsWith(text)) : undefined
}

/** Number of letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = isSwap ? rows[i - 2]![j - 2]! + 1 : change
      row.push(Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, change, swap))
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
