import { useState } from 'preact/hooks'
import { messageOf } from '../api/http.ts'
import { createKey } from '../api/keys.ts'
import { say } from '../locale/say.ts'
import { Dialog } from '../parts/dialog.tsx'
import { ProblemText } from '../parts/problem-text.tsx'
import { toast } from '../parts/toasts.tsx'
import { ROLES } from './scopes.ts'

/** Creates a key, and shows its secret once. */
export function NewKey({ onCreated, onClose }: { onCreated: () => void; onClose: () => void }) {
  const [secret, setSecret] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const create = async (form: FormData) => {
    if (busy) return
    setBusy(true)
    try {
      const text = (name: string) => String(form.get(name)).trim()
      const scopes = [...ROLES[Number(form.get('role'))]!.scopes]
      const key = await createKey({ owner: text('owner'), name: text('name'), scopes })
      setSecret(key.secret)
      onCreated()
    } catch (error) {
      setProblem(messageOf(error))
    } finally {
      setBusy(false)
    }
  }
  if (secret) return <Secret secret={secret} onClose={onClose} />
  return (
    <Dialog title={say('New key')} onClose={onClose}>
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault()
          void create(new FormData(event.currentTarget))
        }}
      >
        <label class="field">
          {say('Owner')}
          <input name="owner" required maxLength={255} autocomplete="off" />
        </label>
        <p class="hint">{say('The name of the person or program. It owns what it uploads.')}</p>
        <label class="field">
          {say('Permissions')}
          <select name="role">
            {ROLES.map(({ label }, index) => (
              <option key={label} value={index}>
                {say(label)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          {say('Purpose (optional)')}
          <input name="name" maxLength={200} autocomplete="off" />
        </label>
        <ProblemText text={problem} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {say('Cancel')}
          </button>
          <button type="submit" class="button primary" aria-disabled={busy}>
            {say('Create')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const copy = () =>
    navigator.clipboard.writeText(secret).then(
      () => toast(say('Key copied.')),
      () => toast(say('The browser does not allow copying. Select the key and copy it yourself.')),
    )
  return (
    <Dialog title={say('The new key')} onClose={onClose}>
      <p>{say('Copy it now and pass it on. It is not shown again.')}</p>
      <label class="field">
        {say('Key')}
        <input dir="ltr" readOnly value={secret} onFocus={event => event.currentTarget.select()} />
      </label>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {say('Close')}
        </button>
        <button type="button" class="button primary" onClick={() => void copy()}>
          {say('Copy')}
        </button>
      </div>
    </Dialog>
  )
}
