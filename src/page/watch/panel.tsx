import type { ComponentChildren } from 'preact'
import { useId, useRef, useState } from 'preact/hooks'
import { say } from '../locale/say.ts'

export interface PanelTab {
  readonly name: string
  readonly content: ComponentChildren
}

/** The panel beside the player. All tabs stay rendered, so that each keeps its scroll position (ARIA APG, Tabs with automatic activation). */
export function Panel({ tabs }: { tabs: readonly PanelTab[] }) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const [chosen, setChosen] = useState(tabs[0]!.name)
  const current = Math.max(
    0,
    tabs.findIndex(({ name }) => name === chosen),
  )
  const onKeyDown = (event: KeyboardEvent) => {
    const forward = getComputedStyle(list.current!).direction === 'rtl' ? -1 : 1
    const steps: Record<string, number> = {
      ArrowRight: current + forward,
      ArrowLeft: current - forward,
      Home: 0,
      End: -1,
    }
    const to = steps[event.key]
    if (to === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const next = (to + tabs.length) % tabs.length
    setChosen(tabs[next]!.name)
    ;(list.current!.children[next] as HTMLElement).focus()
  }
  return (
    <div class="panel">
      <div
        ref={list}
        class="panel-tabs"
        role="tablist"
        aria-label={say('About the video')}
        onKeyDown={onKeyDown}
      >
        {tabs.map(({ name }, at) => (
          <button
            key={name}
            type="button"
            class="panel-tab"
            role="tab"
            id={`${id}-${at}`}
            aria-selected={at === current}
            aria-controls={`${id}-${at}-panel`}
            tabIndex={at === current ? 0 : -1}
            onClick={() => setChosen(name)}
          >
            {name}
          </button>
        ))}
      </div>
      {tabs.map(({ name, content }, at) => (
        <div
          key={name}
          class="panel-content"
          role="tabpanel"
          id={`${id}-${at}-panel`}
          aria-labelledby={`${id}-${at}`}
          hidden={at !== current}
        >
          {content}
        </div>
      ))}
    </div>
  )
}
