import { number } from '../format.ts'
import { say } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { Icon } from '../parts/icons.tsx'
import { MAX_MATCHES } from './find-matches.ts'
import type { Finding } from './use-find.ts'

/** A field for words, the number of matches, and buttons that move from match to match. */
export function FindBar({ words, setWords, matches, current, move }: Finding) {
  const step = { class: 'small', disabled: matches.length === 0 }
  return (
    <search class="find">
      <Icon name="search" />
      <input
        type="search"
        aria-label={say('Find in the transcript')}
        placeholder={say('Find')}
        value={words}
        onInput={event => setWords(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && matches.length > 0) move(event.shiftKey ? -1 : 1)
        }}
      />
      <span class="find-count" role="status">
        {words.trim() &&
          (matches.length > 0
            ? say('{current} of {total}', {
                current: number(current + 1),
                total: `${number(matches.length)}${matches.length < MAX_MATCHES ? '' : '+'}`,
              })
            : say('No matches'))}
      </span>
      {words.trim() && (
        <>
          <IconButton {...step} label={say('Previous match')} icon="up" onClick={() => move(-1)} />
          <IconButton {...step} label={say('Next match')} icon="down" onClick={() => move(1)} />
        </>
      )}
    </search>
  )
}
