import { messageOf, Problem } from '../api/http.ts'
import type { Video } from '../api/types.ts'
import { changeVideo, getVideo } from '../api/videos.ts'

import { say, sayCount } from '../locale/say.ts'
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
    toast(sayCount(videos.length, 'Link copied.', '{count} links copied.'))
  } catch {
    toast(say('The browser does not allow copying.'), { seconds: ERROR_S })
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
  if (videos.length > 1)
    toast(sayCount(videos.length, '{count} download started.', '{count} downloads started.'))
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
    toast(sayCount(changed, 'Tags changed.', 'Tags of {count} videos changed.'))
  } catch (error) {
    const rest = videos.length - changed
    const failure = sayCount(
      rest,
      'The tags of one video could not be changed.',
      'The tags of {count} videos could not be changed.',
    )
    toast(`${failure} ${messageOf(error)}`, {
      seconds: ERROR_S,
    })
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
