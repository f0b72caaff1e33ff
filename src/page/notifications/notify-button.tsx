import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'
import { canNotify, forget, want, wanted } from './wanted.ts'

/** Lets the user be told when the transcript of a video is ready. Only a click asks for the permission. */
export function NotifyButton({ id }: { id: string }) {
  if (!canNotify) return null
  const isOn = wanted.value.has(id)
  const toggle = async () => {
    if (isOn) forget(id)
    else if (!(await want(id)))
      toast(say('Notifications of this page are blocked. Allow them in the settings of your browser.'), {
        seconds: 10,
      })
  }
  return (
    <>
      <button type="button" class="button small" aria-pressed={isOn} onClick={() => void toggle()}>
        <Icon name={isOn ? 'check' : 'bell'} /> {say('Notify me')}
      </button>
      {isOn && <p class="hint">{say('As long as Longtake is open in a tab, you are notified.')}</p>}
    </>
  )
}
