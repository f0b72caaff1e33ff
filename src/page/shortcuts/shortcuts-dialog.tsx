import './shortcuts.css'
import { mark, say } from '../locale/say.ts'
import { Dialog } from '../parts/dialog.tsx'
import { location, pathOf } from '../router.ts'
import { setSingleKeys, singleKeys } from './single-keys.ts'
import { SHORTCUTS, type Shortcut } from './table.ts'

/** Lists the keys, those of the current view first. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const path = pathOf(location.value)
  const isHere = ({ views }: { views: RegExp }) => views.test(path)
  const groups = [...SHORTCUTS.filter(isHere), ...SHORTCUTS.filter(group => !isHere(group))]
  return (
    <Dialog title={say('Keyboard shortcuts')} wide onClose={onClose}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and gets the focus when the dialog opens */}
      <section class="shortcut-groups" tabIndex={0} aria-label={say('List of shortcuts')}>
        {groups.map(({ title, shortcuts }) => (
          <section key={title}>
            <h3>{say(title)}</h3>
            <dl>
              {shortcuts.map(shortcut => (
                <div key={shortcut.does}>
                  <dt>{say(shortcut.does)}</dt>
                  <dd>
                    <Keys {...shortcut} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </section>
      <form method="dialog" onSubmit={onClose}>
        <label class="check">
          <input
            type="checkbox"
            checked={singleKeys.value}
            onChange={event => setSingleKeys(event.currentTarget.checked)}
          />
          {say('Use letters, digits and signs as shortcuts')}
        </label>
        <p class="hint">
          {say('Turn this off if you control the computer by voice, or press keys by accident.')}
        </p>
        <div class="dialog-actions">
          <button type="submit" class="button primary">
            {say('Close')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function Keys({ keys }: Shortcut) {
  return (
    <>
      {keys.map((combination, at) => (
        <>
          {at > 0 && ' '}
          <span class="keys">
            {combination.split('+').map((key, at) => (
              <>
                {at > 0 && <span class="visually-hidden"> {say('and')} </span>}
                <Key name={key} />
              </>
            ))}
          </span>
        </>
      ))}
    </>
  )
}

const isMac = /^Mac/.test(navigator.platform)

/** The sign on the key, and its name for screen readers if the sign is no word. */
const SIGNS: Readonly<Record<string, readonly [sign: string, name?: string]>> = {
  Mod: isMac ? ['⌘', mark('Command')] : [mark('Ctrl')],
  Shift: ['⇧', mark('Shift')],
  Escape: [mark('Esc')],
  Delete: [mark('Del'), mark('Delete key')],
  Home: [mark('Home')],
  End: [mark('End')],
  Enter: [mark('Enter')],
  Space: [mark('Space')],
  ArrowLeft: ['←', mark('Left arrow')],
  ArrowRight: ['→', mark('Right arrow')],
  ArrowUp: ['↑', mark('Up arrow')],
  ArrowDown: ['↓', mark('Down arrow')],
  '?': ['?', mark('Question mark')],
  '/': ['/', mark('Slash')],
  '<': ['<', mark('Less than')],
  '>': ['>', mark('Greater than')],
}

function Key({ name }: { name: string }) {
  const [sign, spoken] = SIGNS[name] ?? [name]
  if (!spoken) return <kbd>{say(sign)}</kbd>
  return (
    <kbd>
      <span aria-hidden="true">{say(sign)}</span>
      <span class="visually-hidden">{say(spoken)}</span>
    </kbd>
  )
}
