import { useRef } from 'preact/hooks'

import { say, sayCount } from '../locale/say.ts'
import { Popup } from '../parts/popup.tsx'

/** The server's limit. */
const MAX_NAME_LENGTH = 100

interface SpeakerPopupProps {
  readonly anchor: HTMLElement
  /** The present name; undefined if the speaker is unknown. */
  readonly name: string | undefined
  /** All names in the transcript. */
  readonly names: readonly string[]
  /** Number of lines that change. */
  readonly count: number
  /** @param name undefined to remove the name */
  readonly onChoose: (name: string | undefined) => void
  readonly onClose: () => void
}

/** Asks for a speaker's name: a new one, or another of the transcript. */
export function SpeakerPopup({ anchor, name, names, count, onChoose, onClose }: SpeakerPopupProps) {
  const input = useRef<HTMLInputElement>(null)
  const choose = (chosen: string | undefined) => {
    input.current!.closest<HTMLElement>('[popover]')!.hidePopover()
    if (chosen !== name) onChoose(chosen)
  }
  return (
    <Popup anchor={anchor} label={say('Speaker')} role="dialog" onClose={onClose}>
      <form
        class="speaker-form"
        onSubmit={event => {
          event.preventDefault()
          choose(input.current!.value.trim() || undefined)
        }}
      >
        <input
          ref={input}
          class="popup-search"
          aria-label={say('Speaker’s name')}
          placeholder={say('Name')}
          defaultValue={name ?? ''}
          maxLength={MAX_NAME_LENGTH}
          autocomplete="off"
          onFocus={event => event.currentTarget.select()}
        />
        {names
          .filter(each => each !== name)
          .map(each => (
            <button key={each} type="button" class="popup-item" tabIndex={-1} onClick={() => choose(each)}>
              {each}
            </button>
          ))}
        <p class="popup-hint">
          {sayCount(count, 'Changes one line.', 'Changes all {count} lines of {name}.', { name: name ?? '' })}
        </p>
        <button type="submit" class="button small primary">
          {say('Save name')}
        </button>
      </form>
    </Popup>
  )
}
