import { isSignedIn, signIn } from '../api/session.ts'
import { Dialog } from './dialog.tsx'

/** Asks for an API key or a token. What was asked of the server meanwhile goes on afterwards. */
export function SignIn() {
  return (
    <Dialog title="Sign in">
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault()
          const value = new FormData(event.currentTarget).get('token') as string
          if (value.trim()) signIn(value)
        }}
      >
        <p>
          {isSignedIn()
            ? 'That key or token was refused, or is no longer valid. Try another.'
            : 'This server wants to know who you are. Paste the API key or token that its operator gave you.'}
        </p>
        <label class="field">
          API key or token
          <input name="token" type="password" autocomplete="current-password" required />
        </label>
        <p class="hint">It is kept until you close this tab.</p>
        <div class="dialog-actions">
          <button type="submit" class="button primary">
            Sign in
          </button>
        </div>
      </form>
    </Dialog>
  )
}
