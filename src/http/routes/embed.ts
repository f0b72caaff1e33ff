import type { FastifyInstance } from 'fastify'
import type { Db } from '../../database/schema.ts'
import { getVideo, hasSource, type Video } from '../../videos/catalogue/videos.ts'
import { basePath, escapeHtml, policyHash } from '../html.ts'
import { stillUploading } from '../not-ready.ts'
import { typed } from '../schema-types.ts'
import { byId, problems } from '../schemas.ts'

const STYLE = `
html, body { height: 100%; margin: 0; background: #000; }
body { display: flex; flex-direction: column; }
video { flex: 1; min-height: 0; width: 100%; }
#strip { position: relative; flex: none; height: 12px; background: #333; cursor: pointer; }
#preview { position: absolute; bottom: 16px; display: none; transform: translateX(-50%); pointer-events: none; }
`

/** Shows a thumbnail of the storyboard above the strip below the video. A click on the strip seeks there. */
export const PLAYER_SCRIPT = `
const video = document.querySelector('video'), strip = document.querySelector('#strip'), preview = document.querySelector('#preview')
const track = video.querySelector('[kind=metadata]').track
track.mode = 'hidden'
const at = event => Math.min(1, Math.max(0, event.offsetX / strip.clientWidth))
strip.addEventListener('click', event => { if (video.duration) video.currentTime = at(event) * video.duration })
strip.addEventListener('pointerleave', () => { preview.style.display = 'none' })
strip.addEventListener('pointermove', event => {
  const time = at(event) * video.duration
  const cue = [...track.cues ?? []].find(({ startTime, endTime }) => startTime <= time && time < endTime)
  const [, x, y, width, height] = /#xywh=(\\d+),(\\d+),(\\d+),(\\d+)/.exec(cue?.text ?? '') ?? []
  const half = width / 2, left = Math.min(strip.clientWidth - half, Math.max(half, event.offsetX))
  const image = 'url("' + strip.dataset.sheet + '")'
  Object.assign(preview.style, cue
    ? { display: 'block', left: left + 'px', width: width + 'px', height: height + 'px', background: image + ' -' + x + 'px -' + y + 'px' }
    : { display: 'none' })
})
`

export interface EmbedRouteDeps {
  readonly db: Db
  /** The public URL without a trailing slash, or ''. */
  readonly base: string
  /** Origins of pages that may embed the player, or `*`. */
  readonly embedOrigins: readonly string[]
  /** Origin of the storage to which players are redirected. */
  readonly mediaOrigin: string | undefined
}

/** A page with the player for an iframe: the video with its poster, captions and storyboard. */
export async function embedRoute(
  app: FastifyInstance,
  { db, base, embedOrigins, mediaOrigin }: EmbedRouteDeps,
): Promise<void> {
  const frameAncestors = embedOrigins.join(' ')
  const policy = [
    "default-src 'none'",
    ["media-src 'self'", mediaOrigin].filter(Boolean).join(' '),
    "img-src 'self'",
    `style-src ${policyHash(STYLE)}`,
    `script-src ${policyHash(PLAYER_SCRIPT)}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors}`,
  ].join('; ')
  // The links have no origin, because the service can have several host names. The page loads files from its own origin.
  const root = basePath(base)

  typed(app).get(
    '/videos/:id/embed',
    {
      config: { access: 'read', owned: 'videos', signedLink: 'embed', frameAncestors },
      schema: {
        tags: ['media'],
        operationId: 'getEmbed',
        summary: 'Get a page with the player, for an iframe',
        description:
          'Example: `<iframe src="…/embed" allow="fullscreen">`. If the service requires keys, use a signed link of the kind `embed`.',
        params: byId,
        response: {
          200: {
            description: 'The page.',
            content: { 'text/html': { schema: { type: 'string' } } },
          },
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const video = await getVideo(db, request.params.id)
      if (!hasSource(video)) throw stillUploading(reply)
      const { search } = new URL(request.url, 'http://localhost')
      reply.removeHeader('x-frame-options').headers({
        'cache-control': 'private, no-cache',
        'content-security-policy': policy,
        'cross-origin-resource-policy': 'cross-origin',
        'content-type': 'text/html; charset=utf-8',
      })
      return reply.send(pageOf(video, path => `${root}/videos/${video.id}/${path}${search}`))
    },
  )
}

/** The HTML of the page. @param link converts a path below the video's to a URL. */
function pageOf(video: Video, link: (path: string) => string): string {
  const language = languageOf(video)
  return `<!doctype html>
<html${language ? ` lang="${escapeHtml(language)}"` : ''}>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(video.title)}</title>
<style>${STYLE}</style>
${playerOf(video, link)}
</html>
`
}

/** The player with its tracks, and the strip with the storyboard. The page's policy must permit `PLAYER_SCRIPT`. */
export function playerOf(video: Video, link: (path: string) => string): string {
  const has = (kind: string) => video.artifacts.some(artifact => artifact.kind === kind)
  const at = (path: string) => escapeHtml(link(path))
  const { title, transcript } = video
  const language = languageOf(video)
  const hasStoryboard = has('storyboard') && has('storyboard_vtt')
  return `<video controls playsinline preload="metadata" aria-label="${escapeHtml(title)}" src="${at('stream')}"${has('poster') ? ` poster="${at('poster')}"` : ''}>
${transcript ? `<track kind="captions" src="${at('captions.vtt')}" srclang="${escapeHtml(language ?? 'und')}" label="${escapeHtml(language ?? 'Captions')}">` : ''}
${embeddedTracks(video, at)}
${hasStoryboard ? `<track kind="metadata" src="${at('storyboard.vtt')}">` : ''}
</video>
${hasStoryboard ? `<div id="strip" data-sheet="${at('storyboard.jpg')}"><div id="preview"></div></div>\n<script>${PLAYER_SCRIPT}</script>` : ''}`
}

function languageOf({ transcript, language }: Video): string | null {
  return transcript?.language ?? language
}

/** The `<track>` elements for the subtitles and chapters of the source. */
function embeddedTracks({ streams, artifacts, chapters }: Video, at: (path: string) => string): string {
  const has = (index: number) =>
    artifacts.some(({ kind, variant }) => kind === 'captions' && variant === String(index))
  const subtitles = streams
    .filter(({ kind, index }) => kind === 'subtitle' && has(index))
    .map(({ index, language, title }) => {
      const label = escapeHtml(title ?? language ?? `Subtitles ${index}`)
      return `<track kind="subtitles" src="${at(`captions/${index}.vtt`)}" srclang="${escapeHtml(language ?? 'und')}" label="${label}">`
    })
  return [
    ...subtitles,
    ...(chapters.length > 0 ? [`<track kind="chapters" src="${at('chapters.vtt')}">`] : []),
  ].join('\n')
}
