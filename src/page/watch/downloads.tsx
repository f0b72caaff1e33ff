import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { messageOf, request } from '../api/http.ts'
import { signLinks } from '../api/media-links.ts'
import { isSignedIn } from '../api/session.ts'
import type { SignedLinks, Video } from '../api/types.ts'
import { size } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { toast } from '../parts/toasts.tsx'

/** A menu of the files of a video. */
export function Downloads({ video }: { video: Video }) {
  const [signed, setSigned] = useState<SignedLinks>()
  const links = isSignedIn() ? { ...video.links, ...signed } : video.links
  const id = useId()
  const menu = useRef<HTMLDetailsElement>(null)
  const files = [
    { label: 'Original', hint: size(video.size ?? 0), link: links.source },
    { label: 'Audio', hint: 'Audio only', link: links.audio },
    { label: 'Captions', hint: 'WebVTT', link: links.captions_vtt, name: 'captions.vtt' },
    { label: 'Captions', hint: 'SubRip', link: links.captions_srt, name: 'captions.srt' },
    { label: 'Transcript', hint: 'Plain text', link: links.transcript_txt, name: 'transcript.txt' },
  ].filter(({ link }) => link)
  const isReady = !isSignedIn() || signed !== undefined
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
    if (isSignedIn())
      signLinks(video, ['source', 'audio', 'captions']).then(setSigned, error => toast(messageOf(error)))
  }
  return (
    <details class="menu" ref={menu} onToggle={onToggle}>
      <summary class="button" aria-controls={id}>
        <Icon name="download" /> Download
      </summary>
      <ul id={id} class="menu-list" aria-busy={!isReady}>
        {files.map(({ label, hint, link, name }) => (
          <li key={label + hint}>
            <a
              href={isReady ? link! : undefined}
              download={name ? `${video.title}.${name}` : ''}
              onClick={event => {
                // The server does not sign a link to this small file, so the page fetches it.
                if (!isSignedIn() || link !== video.links.transcript_txt) return
                event.preventDefault()
                save(link!, event.currentTarget.download).catch(error => toast(messageOf(error)))
              }}
            >
              {label} <span class="hint">{hint}</span>
            </a>
          </li>
        ))}
      </ul>
    </details>
  )
}

async function save(link: string, name: string): Promise<void> {
  const href = URL.createObjectURL(await (await request(link)).blob())
  Object.assign(document.createElement('a'), { href, download: name }).click()
  URL.revokeObjectURL(href)
}
