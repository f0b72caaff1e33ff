import { messageOf, Problem } from '../api/http.ts'
import type { Tagged, Transcript } from '../api/types.ts'
import { getTranscript, putTranscript } from '../api/videos.ts'

import { say, sayCount } from '../locale/say.ts'
import { toast } from '../parts/toasts.tsx'
import { changeSpeaker, type SpeakerChange } from './speakers.ts'

const NOTICE_S = 10
/** How often a change is repeated if someone else saves at the same time. */
const MAX_ATTEMPTS = 3

/**
 * Saves changes of speakers at once, on top of what others have saved. Each can be undone.
 * @param transcript the version that is shown @param onSaved called with each saved version
 */
export function useSpeakerChanges(
  link: string,
  transcript: Tagged<Transcript> | undefined,
  onSaved: (saved: Tagged<Transcript>) => void,
): (change: SpeakerChange) => Promise<void> {
  const apply = async (change: SpeakerChange, known?: Tagged<Transcript>): Promise<ReadonlySet<string>> => {
    for (let attempt = 1; ; attempt++) {
      const { value, tag } = known && attempt === 1 ? known : await getTranscript(link)
      const { segments, changed } = changeSpeaker(value.segments, change)
      if (changed.size === 0) return changed
      try {
        onSaved(await putTranscript(link, segments, tag!))
        return changed
      } catch (error) {
        if (!(error instanceof Problem && error.status === 412) || attempt === MAX_ATTEMPTS) throw error
      }
    }
  }
  const fail = (error: unknown) => toast(messageOf(error), { seconds: NOTICE_S })
  return async change => {
    try {
      const only = await apply(change, transcript)
      const undo = () => void apply({ from: change.to, to: change.from, only }).catch(fail)
      toast(noticeOf(change, only.size), { seconds: NOTICE_S, action: { label: say('Undo'), run: undo } })
    } catch (error) {
      fail(error)
    }
  }
}

function noticeOf({ from, to }: SpeakerChange, count: number): string {
  if (!to)
    return sayCount(count, '“{from}” removed from one line.', '“{from}” removed from {count} lines.', {
      from: from ?? '',
    })
  if (!from) return sayCount(count, '“{to}” added to one line.', '“{to}” added to {count} lines.', { to })
  return sayCount(count, '“{from}” is now “{to}” in one line.', '“{from}” is now “{to}” in {count} lines.', {
    from,
    to,
  })
}
