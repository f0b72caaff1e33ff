import type { ComponentChildren } from 'preact'
import { say } from '../locale/say.ts'

export interface ConflictRow<Key> {
  readonly key: Key
  readonly label: string
  readonly mine: string
  readonly theirs: string
  /** The value that is in the form now. */
  readonly chosen: string
}

interface ConflictsProps<Key> {
  /** Explains the conflict and the choices. */
  readonly children: ComponentChildren
  readonly rows: readonly ConflictRow<Key>[]
  /** The text to show for a value. */
  readonly textOf: (value: string, key: Key) => string
  readonly onChoose: (key: Key, value: string) => void
}

/** Tells the user that someone else has saved a change. Where both have changed the same text, the user chooses one. */
export function Conflicts<Key extends string | number>({
  children,
  rows,
  textOf,
  onChoose,
}: ConflictsProps<Key>) {
  return (
    <div class="conflicts" role="alert">
      <p>
        <b>{say('Someone else has saved a change.')}</b> {children}
      </p>
      {rows.map(({ key, label, mine, theirs, chosen }) => (
        <div key={key} class="conflict">
          <span class="conflict-time">{label}</span>
          {[[say('Yours'), mine] as const, [say('Theirs'), theirs] as const].map(([whose, value]) => (
            <button
              key={whose}
              type="button"
              aria-pressed={chosen === value}
              onClick={() => onChoose(key, value)}
            >
              <b>{whose}</b> <span dir="auto">{textOf(value, key)}</span>
            </button>
          ))}
        </div>
      ))}
    </div>
  )
}
