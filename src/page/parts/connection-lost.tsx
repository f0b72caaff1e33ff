import { checkConnection, connectionProblem } from '../api/connection.ts'
import { Icon } from './icons.tsx'

/** Shows that the connection is lost, and what happens next. Screen readers announce the text because its element is always in the document. */
export function ConnectionLost({ what }: { what: string }) {
  const problem = connectionProblem.value
  return (
    <div class="connection" role="status">
      {problem && (
        <p class="connection-lost">
          <Icon name="warning" />
          <span>
            {problem} {what} resumes automatically when the connection is back.
          </span>
          <button type="button" class="link" onClick={() => void checkConnection()}>
            Try now
          </button>
        </p>
      )}
    </div>
  )
}
