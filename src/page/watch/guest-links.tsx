import { useRef, useState } from 'preact/hooks'
import './guest-links.css'
import { messageOf } from '../api/http.ts'
import { createShareLink, listShareLinks, revokeShareLink, type ShareLink } from '../api/share-links.ts'
import type { Video } from '../api/types.ts'
import { exactTime, relativeTime } from '../format.ts'
import { mark, say, sayCount, sayWith } from '../locale/say.ts'
import { ProblemText } from '../parts/problem-text.tsx'
import { SelectField } from '../parts/select-field.tsx'
import { toast } from '../parts/toasts.tsx'
import { address } from '../router.ts'

/** Lifetimes of a link in seconds. */
const LIFETIMES = [
  ['', mark('Never')],
  ['86400', mark('After a day')],
  ['604800', mark('After a week')],
  ['2592000', mark('After 30 days')],
] as const

/** The links for guests without an account: create, copy, see when they were opened, revoke. */
export function GuestLinks({ video }: { video: Video }) {
  const [links, setLinks] = useState<readonly ShareLink[]>()
  const [created, setCreated] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const [lifetime, setLifetime] = useState('')
  const [password, setPassword] = useState('')
  const [isBusy, setBusy] = useState(false)
  const summary = useRef<HTMLElement>(null)
  /** Runs a change and loads the list again. */
  const run = async (work: () => Promise<unknown>) => {
    if (isBusy) return
    setBusy(true)
    setProblem(undefined)
    try {
      await work()
      setLinks(await listShareLinks(video))
    } catch (error) {
      setProblem(messageOf(error))
    } finally {
      setBusy(false)
    }
  }
  const create = () =>
    run(async () => {
      const { url } = await createShareLink(video, {
        ...(password && { password }),
        ...(lifetime && { expires_in: Number(lifetime) }),
      })
      setCreated(address(url))
      setPassword('')
    })
  const revoke = (link: ShareLink) =>
    run(async () => {
      await revokeShareLink(link.id)
      toast(say('Link revoked.'))
      summary.current?.focus()
    })
  return (
    <details
      class="guest-links"
      onToggle={({ currentTarget }) => currentTarget.open && !links && void run(async () => {})}
    >
      <summary ref={summary}>{say('Links for guests')}</summary>
      {links && (
        <div class="guest-links-body">
          <p>
            {say(
              'Guests watch the video and read its transcript without an account, until you revoke the link.',
            )}
          </p>
          <SelectField
            label={say('Expires')}
            value={lifetime}
            choices={LIFETIMES.map(([value, label]) => [value, say(label)])}
            onChange={setLifetime}
          />
          <label class="field">
            {say('Password (optional)')}
            <input
              value={password}
              maxLength={200}
              autocomplete="off"
              onInput={event => setPassword(event.currentTarget.value)}
            />
          </label>
          <button type="button" class="button" aria-disabled={isBusy} onClick={() => void create()}>
            {say('Create guest link')}
          </button>
          {created && <Created video={video} url={created} />}
          <ul>
            {links.map(link => (
              <LinkRow key={link.id} link={link} onRevoke={() => void revoke(link)} />
            ))}
          </ul>
        </div>
      )}
      <ProblemText text={problem} />
    </details>
  )
}

/** A new link, which is shown once, and the code that embeds it. */
function Created({ video, url }: { video: Video; url: string }) {
  const token = url.split('/').at(-1)!
  const embed = `<iframe src="${address(`videos/${video.id}/embed?share=${token}`)}" width="640" height="360" allow="fullscreen"></iframe>`
  return (
    <div class="guest-links-created" role="status">
      <p>{say('Copy the link now. It is not shown again.')}</p>
      <Copyable label={say('Guest link')} action={say('Copy guest link')} value={url} />
      <Copyable label={say('Embed code')} action={say('Copy embed code')} value={embed} />
    </div>
  )
}

/** @param action the name of the button */
function Copyable({ label, action, value }: { label: string; action: string; value: string }) {
  const copy = () =>
    navigator.clipboard.writeText(value).then(
      () => toast(say('{label} copied.', { label })),
      () => toast(say('The browser does not allow copying. Select the text and copy it yourself.')),
    )
  return (
    <div class="guest-links-copy">
      <label class="field">
        {label}
        <input dir="ltr" readOnly value={value} onFocus={event => event.currentTarget.select()} />
      </label>
      <button type="button" class="button" aria-label={action} onClick={() => void copy()}>
        {say('Copy')}
      </button>
    </div>
  )
}

function LinkRow({ link, onRevoke }: { link: ShareLink; onRevoke: () => void }) {
  const { created_at, expires_at, has_password, opened_count, last_opened_at } = link
  const created = relativeTime(created_at)
  return (
    <li>
      <span>
        {sayWith('Created {time}', { time: <time title={exactTime(created_at)}>{created}</time> })}
        {has_password && say(', with a password')}
        {expires_at &&
          (Date.parse(expires_at) < Date.now()
            ? say(', expired')
            : say(', expires {time}', { time: exactTime(expires_at) }))}
        .{' '}
        {last_opened_at
          ? sayCount(opened_count, 'Opened once, last {time}.', 'Opened {count} times, last {time}.', {
              time: relativeTime(last_opened_at),
            })
          : say('Not opened yet.')}
      </span>
      <button
        type="button"
        class="button quiet-bad small"
        aria-label={say('Revoke the link created {created}', { created })}
        onClick={onRevoke}
      >
        {say('Revoke')}
      </button>
    </li>
  )
}
