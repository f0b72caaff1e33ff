import { useEffect, useState } from 'preact/hooks'
import { messageOf } from '../api/http.ts'
import { isSignedIn } from '../api/session.ts'
import { signLinks } from '../api/signed-links.ts'
import type { Video } from '../api/types.ts'
import { clock } from '../format.ts'
import { mark, say } from '../locale/say.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { ProblemText } from '../parts/problem-text.tsx'
import { SelectField } from '../parts/select-field.tsx'
import { toast } from '../parts/toasts.tsx'
import { address } from '../router.ts'
import { GuestLinks } from './guest-links.tsx'

/** Earlier positions count as the beginning. */
const BEGINNING_S = 5

/** The people who can use the link if the server has a sign-in, with the lifetime of a signed link in seconds. */
const AUDIENCES = [
  ['', mark('People who can sign in here')],
  ['3600', mark('Anyone, for an hour')],
  ['86400', mark('Anyone, for a day')],
  ['604800', mark('Anyone, for a week')],
] as const

/** The dialog with a link to the video. @param at seconds at which the recipient can start to watch */
export function Share({ video, at, onClose }: { video: Video; at: number; onClose: () => void }) {
  const second = Math.floor(at)
  const [fromHere, setFromHere] = useState(second > BEGINNING_S)
  const [audience, setAudience] = useState('')
  const [signed, setSigned] = useState('')
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    setSigned('')
    setProblem(undefined)
    if (!audience) return
    let isClosed = false
    signLinks(video, ['embed'], Number(audience)).then(
      ({ embed }) => isClosed || setSigned(embed ? address(embed) : ''),
      error => isClosed || setProblem(messageOf(error)),
    )
    return () => {
      isClosed = true
    }
  }, [audience])
  const link = audience ? signed : address(`watch/${video.id}${fromHere ? `?t=${second}` : ''}`)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link)
      toast(say('Link copied.'))
      onClose()
    } catch {
      setProblem(say('The browser does not allow copying. Select the link and copy it yourself.'))
    }
  }
  return (
    <Dialog title={say('Share')} onClose={onClose}>
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault()
          void copy()
        }}
      >
        {isSignedIn() && (
          <SelectField
            label={say('Who can watch')}
            value={audience}
            choices={AUDIENCES.map(([value, label]) => [value, say(label)])}
            onChange={setAudience}
          />
        )}
        {second > 0 && !audience && (
          <label class="check">
            <input
              type="checkbox"
              checked={fromHere}
              onChange={event => setFromHere(event.currentTarget.checked)}
            />
            {say('Start at {time}', { time: clock(second) })}
          </label>
        )}
        <label class="field">
          {say('Link')}
          <input
            dir="ltr"
            readOnly
            value={link}
            placeholder={say('Signing the link…')}
            onFocus={event => event.currentTarget.select()}
          />
        </label>
        <ProblemText text={problem} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {say('Close')}
          </button>
          {'share' in navigator && navigator.maxTouchPoints > 0 && (
            <button
              type="button"
              class="button"
              aria-disabled={!link}
              onClick={() => void navigator.share({ title: video.title, url: link }).catch(() => {})}
            >
              <Icon name="share" /> {say('Send to…')}
            </button>
          )}
          <button type="submit" class="button primary" aria-disabled={!link}>
            {say('Copy link')}
          </button>
        </div>
      </form>
      <GuestLinks video={video} />
    </Dialog>
  )
}
