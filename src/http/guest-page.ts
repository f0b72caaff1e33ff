import type { TranscriptSegment } from '../database/tables/transcripts.ts'
import type { Video } from '../videos/catalogue/videos.ts'
import { escapeHtml, htmlPage, policyHash } from './html.ts'
import type { PageLanguage } from './languages.ts'
import { PLAYER_SCRIPT, playerOf } from './routes/embed.ts'

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d9dedd, #2c3332); --accent: light-dark(#0a6660, #63cbc0); }
* { box-sizing: border-box; }
body { margin: 0; background: light-dark(#f6f7f7, #0f1213); color: light-dark(#141c1b, #e9eeed); font: 1rem/1.5 system-ui, sans-serif; }
main { display: grid; gap: 1.5rem; max-width: 90rem; margin: 0 auto; padding: 1rem; }
main > * { min-width: 0; }
h1 { margin: 0.75rem 0 0; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 0 0 0.5rem; font-size: 1.125rem; }
p { margin: 0.5rem 0; overflow-wrap: anywhere; white-space: pre-line; }
video { display: block; width: 100%; max-height: 70vh; background: #000; border-radius: 0.625rem; }
#strip { position: relative; height: 12px; margin-top: 4px; border-radius: 6px; background: var(--line); cursor: pointer; }
#preview { position: absolute; bottom: 16px; display: none; transform: translateX(-50%); pointer-events: none; }
#lines { max-height: 80vh; margin: 0; padding: 0; overflow-y: auto; list-style: none; }
#lines button { display: grid; grid-template-columns: 4.5rem 1fr; width: 100%; padding: 0.375rem 0.5rem; border: 0; border-radius: 0.375rem;
  background: none; color: inherit; font: inherit; text-align: start; overflow-wrap: anywhere; cursor: pointer; }
#lines button:hover, #lines [aria-current] { background: light-dark(#e3efed, #1d2f2d); }
#lines time { color: var(--accent); font-variant-numeric: tabular-nums; }
form { display: grid; gap: 1rem; justify-items: start; width: min(24rem, 100%); margin: 20vh auto 0; }
label { display: grid; gap: 0.25rem; width: 100%; font-weight: 600; }
input { width: 100%; padding: 0.5rem; border: 1px solid light-dark(#6b7775, #8b9795); border-radius: 0.375rem; background: transparent; color: inherit; font: inherit; }
form button { padding: 0.5rem 1rem; border: 0; border-radius: 0.625rem; background: light-dark(#0a6660, #63cbc0); color: light-dark(#fff, #06201e); font: inherit; font-weight: 600; cursor: pointer; }
[role=alert] { color: light-dark(#a4201c, #ff9d95); font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (min-width: 64rem) { main.wide { grid-template-columns: 2fr 1fr; } }
`

/** A line of the transcript plays its moment, and the line of the current moment is marked. */
const SCRIPT = `{
  const video = document.querySelector('video'), buttons = [...document.querySelectorAll('#lines button')]
  for (const button of buttons) button.addEventListener('click', () => { video.currentTime = button.dataset.start; video.play().catch(() => {}) })
  let current
  video.addEventListener('timeupdate', () => {
    const now = buttons.findLast(button => button.dataset.start <= video.currentTime)
    if (now === current) return
    current?.removeAttribute('aria-current')
    now?.setAttribute('aria-current', 'true')
    current = now
  })
}`

/** Headers of the pages for guests. @param mediaOrigin origin of the storage to which players are redirected. */
export function guestHeaders(mediaOrigin: string | undefined): Record<string, string> {
  const policy = [
    "default-src 'none'",
    ["media-src 'self'", mediaOrigin].filter(Boolean).join(' '),
    "img-src 'self'",
    `style-src ${policyHash(STYLE)}`,
    `script-src ${policyHash(PLAYER_SCRIPT)} ${policyHash(SCRIPT)}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]
  return {
    'cache-control': 'no-store',
    'content-security-policy': policy.join('; '),
    'content-type': 'text/html; charset=utf-8',
    // The address of the page is a credential.
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex',
  }
}

/** The page with the form for the password. It reveals nothing about the video. @param problem in the language */
export function passwordPage(language: PageLanguage, action: string, problem?: string): string {
  const say = (sentence: string) => escapeHtml(language.say(sentence))
  return htmlPage({
    language,
    title: language.say('Protected video'),
    style: STYLE,
    body: `<main><form method="post" action="${escapeHtml(action)}">
<h1>${say('This video is protected')}</h1>
<label>${say('Password')} <input name="password" type="password" required autofocus autocomplete="off" maxlength="200"></label>
${problem ? `<p role="alert">${escapeHtml(problem)}</p>` : ''}
<button>${say('Watch')}</button>
</form></main>`,
  })
}

export interface GuestView {
  readonly language: PageLanguage
  readonly video: Video
  readonly segments: readonly TranscriptSegment[]
  /** Converts a path below the video's to a URL without an origin. */
  readonly link: (path: string) => string
  /** The origin for addresses that other services read. */
  readonly origin: string
  readonly oembed: string
}

/** The page with the player and the transcript, and with tags for previews of the link (Open Graph, oEmbed). */
export function watchPage(view: GuestView): string {
  const { video, segments, link, language } = view
  const say = (sentence: string) => escapeHtml(language.say(sentence))
  const lines = segments.map(
    ({ start, text, speaker }) =>
      `<li><button type="button" data-start="${start}"><time>${clock(start)}</time><span dir="auto">${speaker ? `<b>${escapeHtml(speaker)}:</b> ` : ''}${escapeHtml(text)}</span></button></li>`,
  )
  const transcript = lines.length
    ? `<section aria-labelledby="transcript"><h2 id="transcript">${say('Transcript')}</h2><ol id="lines" tabindex="0">${lines.join('\n')}</ol></section>`
    : ''
  const player =
    video.status === 'failed'
      ? `<p role="alert">${say('This video cannot be played.')}</p>`
      : playerOf(video, link)
  return htmlPage({
    language,
    title: video.title,
    style: STYLE,
    head: previewTags(view),
    body: `<main class="${lines.length ? 'wide' : ''}"><div>${player}
<h1 dir="auto">${escapeHtml(video.title)}</h1>
${video.description ? `<p dir="auto">${escapeHtml(video.description)}</p>` : ''}</div>
${transcript}</main>
${video.status === 'failed' ? '' : `<script>${SCRIPT}</script>`}`,
  })
}

function previewTags({ video, link, origin, oembed }: GuestView): string {
  const { title, description, width, height } = video
  const hasPoster = video.artifacts.some(({ kind }) => kind === 'poster')
  const tags: [property: string, content: string | undefined][] = [
    ['og:type', 'video.other'],
    ['og:site_name', 'Longtake'],
    ['og:title', title],
    ['og:description', description.slice(0, 300) || undefined],
    ['og:image', hasPoster ? origin + link('poster') : undefined],
    ['og:video', origin + link('embed')],
    ['og:video:type', 'text/html'],
    ['og:video:width', width ? String(width) : undefined],
    ['og:video:height', height ? String(height) : undefined],
    ['twitter:card', hasPoster ? 'summary_large_image' : 'summary'],
  ]
  const metas = tags.flatMap(([property, content]) =>
    content === undefined ? [] : `<meta property="${property}" content="${escapeHtml(content)}">`,
  )
  return `${metas.join('\n')}
<link rel="alternate" type="application/json+oembed" href="${escapeHtml(origin + oembed)}" title="${escapeHtml(title)}">`
}

/** A time as `1:02:03` or `2:03`. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const [first, ...rest] = parts[0] ? parts : parts.slice(1)
  return [first, ...rest.map(part => String(part).padStart(2, '0'))].join(':')
}
