import type { Video } from '../api/videos.ts'
import { clock } from '../format.ts'
import { toast } from '../parts/toasts.tsx'
import { address } from '../router.ts'

/** Seconds of a video that count as its beginning. */
const BEGINNING = 5

/** Hands the link to the device's own sharing, on phones, or copies it. @param at seconds at which the other one begins to watch. */
export async function share({ id, title }: Video, at: number): Promise<void> {
  const second = Math.floor(at)
  const url = address(`watch/${id}${second > BEGINNING ? `?t=${second}` : ''}`)
  if (navigator.maxTouchPoints > 0 && 'share' in navigator) {
    await navigator.share({ title, url }).catch(() => {})
    return
  }
  try {
    await navigator.clipboard.writeText(url)
    toast(second > BEGINNING ? `Link copied. It begins at ${clock(second)}.` : 'Link copied.')
  } catch {
    toast(`Copy this link: ${url}`, { seconds: 30 })
  }
}
