import { useEffect, useState } from 'preact/hooks'
import { type BinnedVideo, type BinPage, listBin } from '../api/bin.ts'
import { messageOf } from '../api/http.ts'
import { remove } from '../library/videos-loaded.ts'

interface Bin {
  readonly items: readonly BinnedVideo[]
  /** Of the whole bin, with what is not loaded yet. */
  readonly videos: number
  readonly bytes: number
  readonly cursor: string | null
  readonly state: 'loading' | 'more' | 'end' | 'failed'
  readonly error?: string
}

const EMPTY: Bin = { items: [], videos: 0, bytes: 0, cursor: null, state: 'loading' }

/** The list of the bin, page by page. */
export function useBin() {
  const [bin, setBin] = useState(EMPTY)
  const ask = (cursor: string | null) => {
    setBin(before => ({ ...before, state: 'loading' }))
    listBin(cursor).then(
      page => {
        // The library may have loaded them before they were deleted elsewhere.
        for (const { id } of page.items) remove(id)
        setBin(({ items }) => binOf(page, cursor === null ? [] : items))
      },
      error => setBin(before => ({ ...before, state: 'failed', error: messageOf(error) })),
    )
  }
  useEffect(() => ask(null), [])
  return {
    ...bin,
    load: () => ask(null),
    more: () => ask(bin.cursor),
    remove: ({ id, size }: BinnedVideo) =>
      setBin(before => ({
        ...before,
        items: before.items.filter(each => each.id !== id),
        videos: before.videos - 1,
        bytes: before.bytes - size,
      })),
  }
}

function binOf({ items, next_cursor, videos, bytes }: BinPage, before: readonly BinnedVideo[]): Bin {
  const state = next_cursor === null ? 'end' : 'more'
  return { items: [...before, ...items], videos, bytes, cursor: next_cursor, state }
}
