/**
 * Runs `work` for each item, at most `width` at a time, and reads the next item only when it can start. After a failure it starts no more
 * items and waits for the running ones. @returns the results in the order of the items. @throws the first error.
 */
export async function inParallel<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  width: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const running = new Set<Promise<void>>()
  let failure: { error: unknown } | undefined
  let index = 0
  try {
    for await (const item of items) {
      const own = index++
      const run: Promise<void> = work(item, own).then(
        result => {
          results[own] = result
          running.delete(run)
        },
        error => {
          failure ??= { error }
          running.delete(run)
        },
      )
      running.add(run)
      while (running.size >= width) await Promise.race(running)
      if (failure) break
    }
  } finally {
    await Promise.all(running)
  }
  if (failure) throw failure.error
  return results
}
