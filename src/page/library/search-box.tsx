import { useEffect, useRef } from 'preact/hooks'
import { Icon } from '../parts/icons.tsx'

/** Time after the last key press before the search starts. */
const TYPING_MS = 200
const MAX_QUERY_LENGTH = 500

/** Pasted text can contain control characters, and more characters than the server accepts. */
export const cleanQuery = (text: string) =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MAX_QUERY_LENGTH)

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
  useEffect(() => {
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
  return (
    <search class="search">
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        aria-label="Search titles and transcripts"
        placeholder="Search titles and transcripts"
        defaultValue={q}
        maxLength={MAX_QUERY_LENGTH}
        autocomplete="off"
        onInput={event => {
          const { value } = event.currentTarget
          clearTimeout(timer.current)
          timer.current = window.setTimeout(() => search(value), TYPING_MS)
        }}
        onKeyDown={event => event.key === 'Enter' && search(event.currentTarget.value)}
      />
    </search>
  )
}
