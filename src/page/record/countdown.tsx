import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { say, sayCount } from '../locale/say.ts'
import { backToSetup, record } from './studio.ts'

const SECONDS_COUNT = 3

/** 3, 2, 1 over the preview, and then the recording begins. Escape goes back to the setup. */
export function Countdown() {
  const [left, setLeft] = useState(SECONDS_COUNT)
  const section = useRef<HTMLElement>(null)
  // The button that started it is gone.
  useLayoutEffect(() => section.current!.focus({ preventScroll: true }), [])
  useEffect(() => {
    const timer = setTimeout(() => (left > 1 ? setLeft(left - 1) : record()), 1000)
    return () => clearTimeout(timer)
  }, [left])
  return (
    <section
      ref={section}
      class="countdown"
      aria-label={say('Countdown')}
      tabIndex={-1}
      onKeyDown={event => event.key === 'Escape' && backToSetup()}
    >
      <p class="visually-hidden" role="status">
        {sayCount(
          SECONDS_COUNT,
          'Recording starts in {count} second.',
          'Recording starts in {count} seconds.',
        )}
      </p>
      <p key={left} class="countdown-number" aria-hidden="true">
        {left}
      </p>
      <div class="countdown-actions">
        <button type="button" class="button" onClick={record}>
          {say('Start now')}
        </button>
        <button type="button" class="button" onClick={backToSetup}>
          {say('Cancel')}
        </button>
      </div>
    </section>
  )
}
