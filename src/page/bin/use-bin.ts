import { useEffect, useState } from 'preact/hooks'
import { type BinnedVideo, type BinPage, listBin } from '../api/bin.ts'
import { messageOf } from '../api/http.ts'
import { remove } from '../library/videos-loaded.ts'

interface Bin {
  readonly items: readonly BinnedVideo[]
  /** Number of videos in the whole bin, also of those that are not loaded yet. */
  readonly videos: number
  /** Size of all these videos. */
  readonly bytes: number
  readonly cursor: string | null
  readonly state: 'loading' | 'more' | 'end' | 'failed'
  readonly error?: string
}

const EMPTY: Bin = { items: [], videos: 0, bytes: 0, cursor: null, state: 'loading' }

/** The list of the bin, page by page. */
export function useBin() {
  const [bin, setBin] = useState(EMPTY)
  const loadPage = (cursor: string | null) => {
    setBin(before => ({ ...before, state: 'loading' }))
    listBin(cursor).then(
      page => {
        // The library may still show videos that were deleted elsewhere.
        for (const { id } of page.items) remove(id)
        setBin(({ items }) => binOf(page, cursor === null ? [] : items))
      },
      error => setBin(before => ({ ...before, state: 'failed', error: messageOf(error) })),
    )
  }
  useEffect(() => loadPage(null), [])
  return {
    ...bin,
    load: () => loadPage(null),
    more: () => loadPage(bin.cursor),
    remove: (gone: readonly BinnedVideo[]) =>
      setBin(before => ({
        ...before,
        items: before.items.filter(each => !gone.includes(each)),
        videos: before.videos - gone.length,
        bytes: before.bytes - gone.reduce((sum, { size }) => sum + size, 0),
      })),
  }
}

function binOf({ items, next_cursor, videos, bytes }: BinPage, before: readonly BinnedVideo[]): Bin {
  const state = next_cursor === null ? 'end' : 'more'
  return { items: [...before, ...items], videos, bytes, cursor: next_cursor, state }
}
