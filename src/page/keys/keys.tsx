import { useEffect, useRef, useState } from 'preact/hooks'
import '../parts/rows.css'
import { messageOf } from '../api/http.ts'
import { type Key, listKeys, revokeKey } from '../api/keys.ts'
import { exactTime, relativeTime } from '../format.ts'
import { say, sayWith } from '../locale/say.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { toast } from '../parts/toasts.tsx'
import { NewKey } from './new-key.tsx'
import { scopesText } from './scopes.ts'

const ERROR_S = 10

/** The API keys, for admins: list, create, revoke. */
export function KeysView() {
  const [keys, setKeys] = useState<readonly Key[]>()
  const [problem, setProblem] = useState<string>()
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<Key>()
  const heading = useRef<HTMLHeadingElement>(null)
  const load = () =>
    void listKeys().then(
      items => {
        setKeys(items)
        setProblem(undefined)
      },
      error => setProblem(messageOf(error)),
    )
  useEffect(() => {
    document.title = `${say('Access keys')} – Longtake`
    load()
  }, [])
  const onRevoke = async () => {
    const { id, owner } = revoking!
    setRevoking(undefined)
    try {
      await revokeKey(id)
      toast(say('Key of {owner} revoked.', { owner }))
      heading.current?.focus()
    } catch (error) {
      toast(say('The key could not be revoked. {reason}', { reason: messageOf(error) }), { seconds: ERROR_S })
    }
    load()
  }
  if (problem) {
    return (
      <Notice icon="warning" title={say('The keys could not be loaded')} alert>
        <p>{problem}</p>
        <button type="button" class="button" onClick={load}>
          <Icon name="retry" /> {say('Try again')}
        </button>
      </Notice>
    )
  }
  return (
    <div class="rows" aria-busy={!keys}>
      <div class="rows-head">
        <h1 ref={heading} tabIndex={-1}>
          {say('Access keys')}
        </h1>
        <button type="button" class="button primary" onClick={() => setCreating(true)}>
          <Icon name="key" /> {say('New key')}
        </button>
      </div>
      <p>
        {say(
          'Each person and each program signs in with its own key. Revoke a key to sign it out everywhere.',
        )}
      </p>
      <ul class="rows-list">
        {keys?.map(key => (
          <KeyRow key={key.id} apiKey={key} onRevoke={() => setRevoking(key)} />
        ))}
      </ul>
      {creating && <NewKey onCreated={load} onClose={() => setCreating(false)} />}
      {revoking && (
        <Dialog title={say('Revoke this key?')} onClose={() => setRevoking(undefined)}>
          <p>
            {say(
              '{owner} can no longer use it, and is signed out in every browser that used it. The videos stay.',
              { owner: revoking.owner },
            )}
          </p>
          <div class="dialog-actions">
            <button type="button" class="button" onClick={() => setRevoking(undefined)}>
              {say('Cancel')}
            </button>
            <button type="button" class="button bad" onClick={() => void onRevoke()}>
              {say('Revoke')}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  )
}

function KeyRow({ apiKey, onRevoke }: { apiKey: Key; onRevoke: () => void }) {
  const { owner, name, scopes, created_at } = apiKey
  return (
    <li class="row">
      <div class="rows-about">
        <h2>{name ? `${owner}: ${name}` : owner}</h2>
        <p>
          {sayWith('{permissions}, created {time}', {
            permissions: scopesText(scopes),
            time: (
              <time dateTime={created_at} title={exactTime(created_at)}>
                {relativeTime(created_at)}
              </time>
            ),
          })}
        </p>
      </div>
      <div class="rows-actions">
        <button
          type="button"
          class="button quiet-bad"
          aria-label={
            name
              ? say('Revoke the key of {owner}: {name}', { owner, name })
              : say('Revoke the key of {owner}', { owner })
          }
          onClick={onRevoke}
        >
          {say('Revoke')}
        </button>
      </div>
    </li>
  )
}
