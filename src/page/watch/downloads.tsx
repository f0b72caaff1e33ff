import { useEffect, useId, useRef } from 'preact/hooks'
import type { Video } from '../api/types.ts'
import { size } from '../format.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'

/** A menu of the files of a video. */
export function Downloads({ video }: { video: Video }) {
  const { links } = video
  const id = useId()
  const menu = useRef<HTMLDetailsElement>(null)
  const files = [
    { label: say('Original'), hint: size(video.size ?? 0), link: links.source },
    { label: say('Audio'), hint: say('Audio only'), link: links.audio },
    { label: say('Captions'), hint: 'WebVTT', link: links.captions_vtt, name: 'captions.vtt' },
    { label: say('Captions'), hint: 'SubRip', link: links.captions_srt, name: 'captions.srt' },
    { label: say('Transcript'), hint: say('Plain text'), link: links.transcript_txt, name: 'transcript.txt' },
  ].filter(({ link }) => link)
  useEffect(() => {
    const close = (event: Event) => {
      const outside =
        event instanceof KeyboardEvent
          ? event.key === 'Escape'
          : !menu.current!.contains(event.target as Node)
      if (!menu.current!.open || !outside) return
      menu.current!.open = false
      if (event instanceof KeyboardEvent) menu.current!.querySelector('summary')!.focus()
    }
    addEventListener('pointerdown', close)
    addEventListener('keydown', close)
    return () => {
      removeEventListener('pointerdown', close)
      removeEventListener('keydown', close)
    }
  }, [])
  const onToggle = () => {
    const element = menu.current!
    element.classList.toggle('up', false)
    if (!element.open) return
    // The menu opens upwards if there is no room below.
    const { bottom } = element.querySelector('ul')!.getBoundingClientRect()
    element.classList.toggle('up', bottom > innerHeight)
  }
  return (
    <details class="menu" ref={menu} onToggle={onToggle}>
      <summary class="button" aria-controls={id}>
        <Icon name="download" /> {say('Download')}
      </summary>
      <ul id={id} class="menu-list">
        {files.map(({ label, hint, link, name }) => (
          <li key={label + hint}>
            <a href={link!} download={name ? `${video.title}.${name}` : ''}>
              {label} <span class="hint">{hint}</span>
            </a>
          </li>
        ))}
      </ul>
    </details>
  )
}
