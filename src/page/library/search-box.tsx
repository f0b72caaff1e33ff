import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { say } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import { Icon } from '../parts/icons.tsx'
import { cleanQuery, MAX_QUERY_LENGTH } from './filters.ts'

/** Time after the last key press before the search starts. */
const TYPING_MS = 200
interface SearchBoxProps {
  readonly q: string
  /** @param how 'replace' if Back should not lead to the previous query */
  readonly onSearch: (q: string, how: 'push' | 'replace') => void
}

export function SearchBox({ q, onSearch }: SearchBoxProps) {
  const timer = useRef(0)
  const input = useRef<HTMLInputElement>(null)
  const searched = useRef(q)
  useEffect(() => {
    // Back and the brand link also change the query. Text that is being typed is not replaced.
    if (q !== searched.current) input.current!.value = q
    searched.current = q
  }, [q])
  // Before the field is painted, so that the key works as soon as the field can be seen.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || (event.target as Element).closest('input, textarea, select, dialog')) return
      event.preventDefault()
      input.current!.focus()
    }
    addEventListener('keydown', onKey)
    return () => {
      clearTimeout(timer.current)
      removeEventListener('keydown', onKey)
    }
  }, [])
  const search = (value: string) => {
    clearTimeout(timer.current)
    searched.current = cleanQuery(value)
    onSearch(searched.current, q ? 'replace' : 'push')
  }
  const clear = () => {
    input.current!.value = ''
    search('')
    input.current!.focus()
  }
  return (
    <search class="search">
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        enterKeyHint="search"
        aria-label={say('Search titles and transcripts')}
        placeholder={say('Search titles and transcripts')}
        defaultValue={q}
        maxLength={MAX_QUERY_LENGTH}
        autocomplete="off"
        onInput={event => {
          const { value } = event.currentTarget
          clearTimeout(timer.current)
          timer.current = window.setTimeout(() => search(value), TYPING_MS)
        }}
        onKeyDown={event => {
          if (event.key === 'Enter') search(event.currentTarget.value)
          if (event.key === 'Escape' && event.currentTarget.value) clear()
          if (event.key === 'ArrowDown') focusFirstResult(event)
        }}
      />
      {q && (
        <IconButton
          label={say('Clear the search')}
          title={say('Clear the search')}
          icon="close"
          class="small"
          onClick={clear}
        />
      )}
    </search>
  )
}

/** The arrow leads from the field into the results. */
function focusFirstResult(event: KeyboardEvent): void {
  const result = document.querySelector<HTMLElement>('[data-results] a[tabindex="0"]')
  if (!result) return
  event.preventDefault()
  result.focus()
}
