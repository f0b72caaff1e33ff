import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { address } from '../router.ts'
import { prepare } from './open.ts'
import { chooseFiles } from './tray-state.ts'

/** The button "New" and its two choices. Escape, a choice, and a click or the focus elsewhere close them. */
export function NewMenu() {
  const [isOpen, setOpen] = useState(false)
  const menu = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  const close = () => setOpen(false)
  useEffect(() => {
    if (!isOpen) return
    const stop = new AbortController()
    const onElsewhere = ({ target }: Event) => menu.current!.contains(target as Node) || setOpen(false)
    for (const name of ['pointerdown', 'focusin'])
      document.addEventListener(name, onElsewhere, { signal: stop.signal })
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        setOpen(false)
        button.current!.focus()
      } else moveFocus(event, menu.current!)
    }
    document.addEventListener('keydown', onKey, { signal: stop.signal })
    return () => stop.abort()
  }, [isOpen])
  return (
    <div ref={menu} class="new-menu">
      <button
        ref={button}
        type="button"
        class="tab new"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => {
          prepare()
          setOpen(!isOpen)
        }}
      >
        <Icon name="plus" />
        <span>{say('New')}</span>
      </button>
      <ul id={id} class="new-list" hidden={!isOpen}>
        <li>
          <button
            type="button"
            onClick={() => {
              button.current!.focus()
              close()
              chooseFiles()
            }}
          >
            <Icon name="upload" /> {say('Upload')}
          </button>
        </li>
        <li>
          <a href={address('record')} onClick={close}>
            <Icon name="record" /> {say('Record')}
          </a>
        </li>
      </ul>
    </div>
  )
}

/** The arrow keys move between the choices, as Tab does. */
function moveFocus(event: KeyboardEvent, menu: Element): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  event.preventDefault()
  const choices = [...menu.querySelectorAll<HTMLElement>('.new-list a, .new-list button')]
  const at = choices.indexOf(document.activeElement as HTMLElement)
  // The first step down leads from the button to the first choice.
  choices[at < 0 ? 0 : (at + step + choices.length) % choices.length]!.focus()
}
