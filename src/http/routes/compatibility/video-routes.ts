import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../../base/errors.ts'
import { MAX_DESCRIPTION_LENGTH, MAX_TITLE_LENGTH } from '../../../base/limits.ts'
import { validateText } from '../../../base/texts.ts'
import { removeNoted } from '../../../objects/removals.ts'
import { withinQuota } from '../../../uploads/core/allowance.ts'
import { oldIds } from '../../../uploads/core/old-ids.ts'
import { finishReceived, type ReceivedUpload, receiveBody } from '../../../uploads/core/receive.ts'
import { announcedBytes } from '../../../uploads/core/request-body.ts'
import { atMost } from '../../../uploads/core/room.ts'
import { deleteVideo, updateVideo } from '../../../videos/catalogue/edit-video.ts'
import { listVideos } from '../../../videos/catalogue/video-list.ts'
import { getSourceRow, getVideo, notePlayed, type Video } from '../../../videos/catalogue/videos.ts'
import { endWithVideo } from '../../end-with-video.ts'
import { mediaHeaders, sendMedia } from '../../media-response.ts'
import { PlayedFiles } from '../../played-file.ts'
import {
  answerOf,
  answerVideoError,
  FieldsError,
  oneVideo as one,
  success,
  videoFailures,
} from './answers.ts'
import { readForm } from './form.ts'
import { MAX_TEXT_CHARACTERS } from './form-file.ts'
import { type OldApiParts, type OldId, oldId, resolveId } from './old-api.ts'
import { beginsAtStart, viewOldVideo } from './old-video.ts'

const FILES = ['video', 'video_binary']
const REQUIRED = 'This field is required.'
const EMPTY = 'The submitted file is empty.'
const PAGE_VIDEOS = 100

/** The API of the old video application, over the same videos. */
export async function oldVideoRoutes(app: FastifyInstance, parts: OldApiParts): Promise<void> {
  const { db, storage, store, watcher, base, maxSize, accelRedirect, signal } = parts
  app.setErrorHandler(answerVideoError)
  const played = new PlayedFiles(db, storage)

  const view = async (videos: readonly Video[]) => {
    const ids = await oldIds(
      db,
      'video',
      videos.map(({ id }) => id),
    )
    return videos.map(video => viewOldVideo(video, { id: ids.get(video.id) ?? video.id, base }))
  }
  // For the old API there is no video before its upload is finished.
  const show = async (id: string) => {
    await getSourceRow(db, id)
    return (await view([await getVideo(db, id)]))[0]!
  }

  app.get(
    '/videos',
    {
      config: { access: 'read' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldListVideos',
        summary: 'List all videos, the newest first',
        response: {
          200: {
            description: 'All of them.',
            ...answerOf('Videos.', { type: 'array', items: { $ref: 'OldVideo#' } }),
          },
          ...videoFailures(),
        },
      },
    },
    async ({ access }, reply) => {
      const pageAfter = async (cursor?: string) => {
        const { items, nextCursor } = await listVideos(db, access, {
          limit: PAGE_VIDEOS,
          ...(cursor !== undefined && { cursor }),
        })
        return { videos: await view(items), nextCursor }
      }
      // The old API had no pages. Ours come one after the other, so that a large catalogue does not fill the memory.
      // The first one is read before the answer begins: an error can still get its status.
      const first = await pageAfter()
      const text = async function* () {
        yield '{"status":"success","message":"Videos.","data":['
        let page = first
        let separator = ''
        for (;;) {
          for (const video of page.videos) {
            yield separator + JSON.stringify(video)
            separator = ','
          }
          if (page.nextCursor === null) break
          page = await pageAfter(page.nextCursor)
        }
        yield ']}'
      }
      reply.headers({
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'private, no-cache',
      })
      return reply.send(Readable.from(text()))
    },
  )

  app.post(
    '/videos',
    {
      config: { access: 'write', body: 'stream' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldCreateVideo',
        summary: 'Upload a video in one request',
        description:
          'As a form, or as JSON with the file as base64 (a `data:` URL too), in the field `video` or `video_binary`. ' +
          'For unreliable networks use `/uploads` (tus 1.0.0).',
        consumes: ['multipart/form-data', 'application/json'],
        ...({
          'x-body': {
            type: 'object',
            required: ['title', 'video'],
            properties: {
              title: { type: 'string', examples: ['Team meeting'] },
              description: { type: 'string' },
              video: { type: 'string', format: 'binary' },
            },
          },
        } as object),
        response: { 201: one('The video was uploaded.'), ...videoFailures(400, 413, 415, 507) },
      },
    },
    async (request, reply) => {
      let received: ReceivedUpload | undefined
      try {
        let field = 'video'
        let file: { filename: string | undefined; mediaType: string | undefined } | undefined
        const uploader = { requestId: request.id, owner: request.access.owner }
        const sender = { uploader, announced: atMost(announcedBytes(request.raw)) }
        const form = await readForm(
          request,
          { files: FILES, maxBytes: maxSize },
          async (name, { bytes, ...named }) => {
            if (received)
              throw new ApiError(400, 'invalid_request', 'One request uploads one video.', 'video')
            file = named
            field = name
            received = await receiveBody(store, Readable.from(bytes, { objectMode: false }), sender)
          },
        )
        const { title = '', description = '' } = form
        const missing = {
          ...(!title.trim() && { title: [REQUIRED] }),
          ...(!received && { video: [REQUIRED] }),
          ...(received?.offset === 0 && { [field]: [EMPTY] }),
        }
        if (!received || Object.keys(missing).length > 0) throw new FieldsError(missing)
        const { id } = received
        const upload = received
        // From here on finishReceived removes it if it is refused.
        received = undefined
        await finishReceived(store, upload, {
          title,
          description,
          filename: file?.filename ?? null,
          filetype: file?.mediaType ?? null,
        })
        return reply.code(201).send(success('The video was uploaded.', await show(id)))
      } catch (error) {
        if (received) await store.remove(received.id)
        throw error
      }
    },
  )

  app.get<OldId>(
    '/videos/:id',
    {
      config: { access: 'read', owned: 'handler' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldGetVideo',
        summary: 'One video',
        params: oldId,
        response: { 200: one('The video.'), ...videoFailures(404) },
      },
    },
    async request =>
      success('The video.', await show(await resolveId(db, request, 'video', request.params.id))),
  )

  app.get<OldId>(
    '/videos/:id/stream',
    {
      config: { access: 'read', owned: 'handler' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldStreamVideo',
        summary: 'Play a video',
        params: oldId,
        headers: mediaHeaders,
        response: {
          200: {
            description: 'All of it.',
            content: { 'video/mp4': { schema: { type: 'string', format: 'binary' } } },
          },
          206: {
            description: 'The range that was asked for.',
            content: { 'video/mp4': { schema: { type: 'string', format: 'binary' } } },
          },
          ...videoFailures(404, 412, 416),
        },
      },
    },
    async (request, reply) => {
      const id = await resolveId(db, request, 'video', request.params.id)
      const video = await getSourceRow(db, id)
      const rendition = await played.find(video, reply)
      if (beginsAtStart(request)) await notePlayed(db, id)
      endWithVideo(reply, id, db, watcher)
      return sendMedia(request, reply, {
        storage,
        accelRedirect,
        key: rendition?.storage_key ?? video.storage_key,
        // Before `probe` the type is unknown: the old application took every file for MP4.
        contentType: rendition?.content_type ?? video.content_type ?? 'video/mp4',
        disposition: 'inline',
        filename: `${video.title}.mp4`,
        lastModified: rendition?.created_at ?? video.created_at,
        sha256: rendition ? null : video.sha256,
      })
    },
  )

  app.put<OldId>(
    '/videos/:id',
    {
      config: { access: 'write', owned: 'handler', body: 'stream' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldUpdateVideo',
        summary: 'Replace the transcript',
        description:
          'As JSON, an urlencoded form or a multipart form. `title` and `description` can be changed too.',
        consumes: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
        params: oldId,
        ...({
          'x-body': {
            type: 'object',
            properties: {
              transcript: { type: 'string', examples: ['Good morning, everyone.'] },
              title: { type: 'string' },
              description: { type: 'string' },
            },
          },
        } as object),
        response: { 200: one('The video was changed.'), ...videoFailures(400, 404, 413, 415) },
      },
    },
    async request => {
      const id = await resolveId(db, request, 'video', request.params.id)
      const { transcript, title, description } = await readForm(request)
      if (transcript === undefined && title === undefined && description === undefined)
        throw new FieldsError({ transcript: [REQUIRED] })
      if (title?.trim() === '') throw new FieldsError({ title: [REQUIRED] })
      const changes = { transcript, title, description }
      if (transcript !== undefined) validateText('transcript', transcript, MAX_TEXT_CHARACTERS)
      if (title !== undefined) validateText('title', title, MAX_TITLE_LENGTH)
      if (description !== undefined) validateText('description', description, MAX_DESCRIPTION_LENGTH)
      await getSourceRow(db, id)
      await updateVideo(db, id, changes, { withinQuota: withinQuota(store.limits) })
      return success('The video was changed.', await show(id))
    },
  )

  app.delete<OldId>(
    '/videos/:id',
    {
      config: { access: 'write', owned: 'handler' },
      schema: {
        tags: ['compatibility'],
        operationId: 'oldDeleteVideo',
        summary: 'Delete a video',
        params: oldId,
        response: {
          200: { description: 'It is gone.', ...answerOf('The video was deleted.', { type: 'null' }) },
          ...videoFailures(404),
        },
      },
    },
    async request => {
      await deleteVideo(db, await resolveId(db, request, 'video', request.params.id), request.id)
      signal.emit('events')
      await removeNoted(db, storage).catch(err => request.log.warn({ err }, 'files are left to be removed'))
      return success('The video was deleted.', null)
    },
  )
}
