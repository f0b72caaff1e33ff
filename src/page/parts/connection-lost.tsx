import { checkConnection, connectionProblem } from '../api/connection.ts'
import { Icon } from './icons.tsx'

/** Says that the connection is lost, and what happens next. Always in the document, so that screen readers announce its text. */
export function ConnectionLost({ what }: { what: string }) {
  const problem = connectionProblem.value
  return (
    <div class="connection" role="status">
      {problem && (
        <p class="connection-lost">
          <Icon name="warning" />
          <span>
            {problem} {what} resumes by itself when the connection is back.
          </span>
          <button type="button" class="link" onClick={() => void checkConnection()}>
            Try now
          </button>
        </p>
      )}
    </div>
  )
}
