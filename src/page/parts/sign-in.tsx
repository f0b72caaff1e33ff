import { useState } from 'preact/hooks'
import { isSignedIn, provider, providerLink, signIn } from '../api/session.ts'
import { say } from '../locale/say.ts'
import { Dialog } from './dialog.tsx'
import { ProblemText } from './problem-text.tsx'

/** The dialog for an API key or a token. Waiting requests continue afterwards. */
export function SignIn() {
  const [problem, setProblem] = useState(isSignedIn() ? say('Your session has ended. Sign in again.') : '')
  const [checking, setChecking] = useState(false)
  const submit = async (value: string) => {
    setChecking(true)
    const reason = await signIn(value)
    setChecking(false)
    if (reason) setProblem(reason)
  }
  return (
    <Dialog title={say('Sign in')}>
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault()
          const value = (new FormData(event.currentTarget).get('token') as string).trim()
          if (value) void submit(value)
        }}
      >
        {provider === undefined ? (
          <p>{say('Paste the API key or token that the operator of this server gave you.')}</p>
        ) : (
          <>
            <a class="button primary" href={providerLink()}>
              {say('Sign in with {provider}', { provider })}
            </a>
            <p>{say('Or paste an API key or token that the operator of this server gave you.')}</p>
          </>
        )}
        <label class="field">
          {say('API key or token')}
          <input name="token" type="password" autocomplete="current-password" required />
        </label>
        <ProblemText text={problem} />
        <p class="hint">{say('With a key you stay signed in for 30 days, unless you sign out.')}</p>
        <div class="dialog-actions">
          <button
            type="submit"
            class={provider === undefined ? 'button primary' : 'button'}
            aria-disabled={checking}
          >
            {checking ? say('Signing in…') : say('Sign in')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
