import type { LinkKind } from '../../access/signed-links.ts'
import { lengthOf, offThread } from '../../videos/transcripts/off-thread.ts'
import type { Transcript } from '../../videos/transcripts/transcripts.ts'
import { mediaHeaders, sendText } from '../media-response.ts'
import type { TypedApp } from '../schema-types.ts'
import { byId, textResponses } from '../schemas.ts'
import { getTranscript, type TranscriptDeps } from './transcript-view.ts'

interface TextForm {
  /** The end of the path. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly contentType: string
  readonly signedLink?: LinkKind
  render(transcript: Transcript, owner: string | null): string | Promise<string>
}

const FORMS: readonly TextForm[] = [
  {
    path: 'captions.vtt',
    operationId: 'getCaptionsVtt',
    summary: 'Get the captions as WebVTT',
    contentType: 'text/vtt',
    signedLink: 'captions',
    render: ({ segments }, owner) => offThread(owner, lengthOf(segments), 'renderVtt', segments),
  },
  {
    path: 'captions.srt',
    operationId: 'getCaptionsSrt',
    summary: 'Get the captions as SubRip',
    contentType: 'application/x-subrip',
    signedLink: 'captions',
    render: ({ segments }, owner) => offThread(owner, lengthOf(segments), 'renderSrt', segments),
  },
  {
    path: 'transcript.txt',
    operationId: 'getTranscriptText',
    summary: 'Get the transcript as plain text',
    contentType: 'text/plain',
    render: ({ text }) => `${text}\n`,
  },
]

/** The transcript as captions and as plain text. */
export function transcriptTextRoutes(app: TypedApp, deps: TranscriptDeps): void {
  for (const form of FORMS) addTextRoute(app, deps, form)
}

function addTextRoute(app: TypedApp, { db }: TranscriptDeps, form: TextForm): void {
  const { path, operationId, summary, contentType, signedLink, render } = form
  app.get(
    `/videos/:id/${path}`,
    {
      config: { access: 'read', owned: 'videos', ...(signedLink && { signedLink }) },
      schema: {
        tags: ['transcripts'],
        operationId,
        summary,
        params: byId,
        headers: mediaHeaders,
        response: textResponses(contentType),
      },
    },
    async (request, reply) => {
      const transcript = await getTranscript(db, reply, request.params.id)
      return sendText(request, reply, {
        text: await render(transcript, request.access.owner),
        contentType: `${contentType}; charset=utf-8`,
        disposition: 'inline',
        filename: path,
        lastModified: transcript.created_at,
      })
    },
  )
}
