import { messageOf, Problem } from '../api/http.ts'
import type { Video } from '../api/types.ts'
import { changeVideo, getVideo } from '../api/videos.ts'
import { number } from '../format.ts'
import { toast } from '../parts/toasts.tsx'
import { address } from '../router.ts'
import { replace } from './videos-loaded.ts'

const ERROR_S = 10
/** Browsers drop downloads that begin at the same moment. */
const DOWNLOAD_INTERVAL_MS = 400
/** How often an edit is repeated if someone else changes the video at the same time. */
const MAX_ATTEMPTS = 3

/** Copies the addresses of videos, one per line. */
export async function copyLinks(videos: readonly Video[]): Promise<void> {
  const text = videos.map(({ id }) => address(`watch/${id}`)).join('\n')
  try {
    await navigator.clipboard.writeText(text)
    toast(videos.length === 1 ? 'Link copied.' : `${number(videos.length)} links copied.`)
  } catch {
    toast('The browser does not allow copying.', { seconds: ERROR_S })
  }
}

/** Downloads the original files. */
export function download(videos: readonly Video[]): void {
  for (const [at, { links }] of videos.entries()) {
    setTimeout(() => {
      const link = document.createElement('a')
      link.href = links.source
      link.download = ''
      link.click()
    }, at * DOWNLOAD_INTERVAL_MS)
  }
  if (videos.length > 1) toast(`${number(videos.length)} downloads started.`)
}

/** Adds and removes tags of videos, one video after the other. Other changes of the tags are kept. */
export async function changeTags(
  videos: readonly Video[],
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<void> {
  let changed = 0
  try {
    for (const video of videos) {
      replace(
        await changeTagsOf(video.id, tags =>
          [...new Set([...tags, ...add])].filter(tag => !remove.includes(tag)),
        ),
      )
      changed++
    }
    toast(changed === 1 ? 'Tags changed.' : `Tags of ${number(changed)} videos changed.`)
  } catch (error) {
    const rest = videos.length - changed
    const subject = rest === 1 ? 'The tags of one video' : `The tags of ${number(rest)} videos`
    toast(`${subject} could not be changed. ${messageOf(error)}`, { seconds: ERROR_S })
  }
}

async function changeTagsOf(id: string, change: (tags: readonly string[]) => string[]): Promise<Video> {
  for (let attempt = 1; ; attempt++) {
    const { value, tag } = await getVideo(id)
    try {
      return (await changeVideo(value, { tags: change(value.tags) }, tag)).value
    } catch (error) {
      if (!(error instanceof Problem && error.status === 412) || attempt === MAX_ATTEMPTS) throw error
    }
  }
}
