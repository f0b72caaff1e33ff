import { useState } from 'preact/hooks'
import { messageOf } from '../api/http.ts'
import { createKey } from '../api/keys.ts'
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
    <Dialog title="New key" onClose={onClose}>
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault()
          void create(new FormData(event.currentTarget))
        }}
      >
        <label class="field">
          Owner
          <input name="owner" required maxLength={255} autocomplete="off" />
        </label>
        <p class="hint">The name of the person or program. It owns what it uploads.</p>
        <label class="field">
          Permissions
          <select name="role">
            {ROLES.map(({ label }, index) => (
              <option key={label} value={index}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          Purpose (optional)
          <input name="name" maxLength={200} autocomplete="off" />
        </label>
        <ProblemText text={problem} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" aria-disabled={busy}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const copy = () =>
    navigator.clipboard.writeText(secret).then(
      () => toast('Key copied.'),
      () => toast('The browser does not allow copying. Select the key and copy it yourself.'),
    )
  return (
    <Dialog title="The new key" onClose={onClose}>
      <p>Copy it now and pass it on. It is not shown again.</p>
      <label class="field">
        Key
        <input readOnly value={secret} onFocus={event => event.currentTarget.select()} />
      </label>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
        <button type="button" class="button primary" onClick={() => void copy()}>
          Copy
        </button>
      </div>
    </Dialog>
  )
}
