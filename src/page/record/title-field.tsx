import { useEffect, useRef } from 'preact/hooks'
import { say } from '../locale/say.ts'
import type { Recording } from './recording.ts'

/** Changes the title of a recording, while it is made and after that. */
export function TitleField({ recording }: { recording: Recording }) {
  const input = useRef<HTMLInputElement>(null)
  const save = (field: HTMLInputElement) => {
    const { title } = recording.state.value
    const typed = field.value.trim()
    if (typed && typed !== title) recording.rename(typed)
    // Without a title, the last one stays.
    if (!typed) field.value = title
  }
  useEffect(() => {
    const field = input.current!
    // The recording can end while the user is typing.
    return () => save(field)
  }, [])
  return (
    <label class="field">
      {say('Title')}
      <input
        ref={input}
        maxLength={500}
        autocomplete="off"
        defaultValue={recording.state.value.title}
        onChange={event => save(event.currentTarget)}
      />
    </label>
  )
}
