import { useState } from 'preact/hooks'

import { say, sayCount } from '../locale/say.ts'
import { toast } from '../parts/toasts.tsx'
import { FindBar } from './find-bar.tsx'
import { MAX_MATCHES, wordsPattern } from './find-matches.ts'
import { changeLine, replaceAll } from './line-changes.ts'
import type { Draft } from './transcript-draft.ts'
import type { Finding } from './use-find.ts'

interface FindAndReplaceProps {
  readonly finding: Finding
  readonly draft: Draft
  readonly onChange: (change: (before: Draft) => Draft) => void
}

/** Finds words in a draft, and replaces one match or all of them. */
export function FindAndReplace({ finding, draft, onChange }: FindAndReplaceProps) {
  const [replacement, setReplacement] = useState('')
  const { words, matches, current, move } = finding
  const none = matches.length === 0
  const replaceOne = () => {
    const match = matches[current]
    if (!match) return
    const { text } = draft.lines[match.line]!
    const changed = text.slice(0, match.from) + replacement + text.slice(match.to)
    onChange(before => changeLine(before, match.line, { text: changed }))
    // The next match takes its place, unless the replacement matches too.
    if (wordsPattern(words.trim()).test(replacement)) move(1)
  }
  const replaceEach = () => {
    if (none) return
    onChange(before => replaceAll(before, wordsPattern(words.trim()), replacement))

    toast(
      matches.length < MAX_MATCHES
        ? sayCount(matches.length, 'One match replaced.', '{count} matches replaced.')
        : say('All matches replaced.'),
    )
  }
  return (
    <div class="find-and-replace">
      <FindBar {...finding} />
      {words.trim() && (
        <div class="replace">
          <input
            aria-label={say('Replace with')}
            placeholder={say('Replace with')}
            value={replacement}
            onInput={event => setReplacement(event.currentTarget.value)}
            onKeyDown={event => {
              if (event.key !== 'Enter') return
              event.preventDefault()
              replaceOne()
            }}
          />
          <button type="button" class="button small" aria-disabled={none} onClick={replaceOne}>
            {say('Replace')}
          </button>
          <button type="button" class="button small" aria-disabled={none} onClick={replaceEach}>
            {say('Replace all')}
          </button>
        </div>
      )}
    </div>
  )
}
