import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'

type Paths = NonNullable<NonNullable<FastifyDynamicSwaggerOptions['openapi']>['paths']>

const header = (description: string, example: string | number) =>
  ({ description, schema: { type: 'string' }, example: String(example) }) as const
const given = (name: string, description: string, example: string | number, required = false) =>
  ({ in: 'header', name, required, ...header(description, example) }) as const

const version = given('Tus-Resumable', 'The version of the protocol.', '1.0.0', true)
const offset = header('Bytes that are safe on the server.', '1048576')
const expires = header('When an upload that nobody feeds is removed.', 'Sat, 31 Jan 2026 12:00:00 GMT')
const id = {
  in: 'path',
  name: 'id',
  required: true,
  description: 'The id of the upload, and of the video that it becomes.',
  schema: { type: 'string', format: 'uuid' },
} as const
const refused = (description: string) =>
  ({ description, content: { 'text/plain': { schema: { type: 'string' } } } }) as const
const bytes = {
  content: { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } },
} as const
const tags = ['uploads']

/** The tus routes for readers: tus 1.0.0 says what they take and answer, and its server checks it. */
export const tusPaths: Paths = {
  '/uploads': {
    post: {
      tags,
      operationId: 'createUpload',
      summary: 'Begin an upload',
      parameters: [
        version,
        given('Upload-Length', 'Bytes of the file.', 104857600),
        given('Upload-Defer-Length', 'In place of the length where that is told later.', 1),
        given(
          'Upload-Metadata',
          'Pairs of a key and its value in base64: `filename`, `filetype`, `title`, `description`, `language`, `tags`. A label that is not ' +
            'valid does not keep the upload from being created: what is valid of it is kept, and HEAD repeats that. `PATCH /videos/{id}` ' +
            'refuses such a label instead.',
          'filename bWVldGluZy5tcDQ=,title VGVhbSBtZWV0aW5n',
        ),
      ],
      requestBody: { ...bytes, description: 'The first bytes, where they come along.', required: false },
      responses: {
        201: {
          description: 'It can be sent to.',
          headers: {
            Location: header('Where to.', '/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'),
            'Upload-Offset': offset,
            'Upload-Expires': expires,
          },
        },
        400: refused('A header is malformed.'),
        412: refused('Another version of the protocol.'),
        413: refused('Larger than the server takes.'),
        507: refused('The server has no room left.'),
      },
    },
    options: {
      tags,
      operationId: 'getUploadOptions',
      summary: 'What the upload server can do',
      responses: {
        200: {
          description: 'Versions, extensions and limits.',
          headers: {
            'Tus-Version': header('Versions of the protocol.', '1.0.0'),
            'Tus-Extension': header('Extensions of the protocol.', 'creation,termination,expiration'),
            'Tus-Max-Size': header('Bytes that an upload may have.', '53687091200'),
          },
        },
      },
    },
  },
  '/uploads/{id}': {
    head: {
      tags,
      operationId: 'getUploadOffset',
      summary: 'How far an upload is',
      parameters: [id, version],
      responses: {
        200: {
          description: 'Go on at the offset.',
          headers: { 'Upload-Offset': offset, 'Upload-Length': header('Bytes of the file.', '104857600') },
        },
        404: { description: 'There is no such upload, or no longer.' },
        423: { description: 'Try again.' },
      },
    },
    patch: {
      tags,
      operationId: 'appendToUpload',
      summary: 'Send bytes',
      description: 'With the last of them the upload becomes a video.',
      parameters: [
        id,
        version,
        given(
          'Upload-Offset',
          'Where the bytes belong: the offset that the server has named.',
          1048576,
          true,
        ),
        given('Upload-Length', 'Bytes of the file, where that was not told before.', 104857600),
      ],
      requestBody: { ...bytes, required: true },
      responses: {
        204: {
          description: 'They are safe.',
          headers: { 'Upload-Offset': offset, 'Upload-Expires': expires },
        },
        400: refused('A header is malformed.'),
        404: refused('There is no such upload, or no longer.'),
        409: { ...refused('The upload is at another offset.'), headers: { 'Upload-Offset': offset } },
        413: refused('More bytes than were announced.'),
        423: refused('Another request is writing to it: try again.'),
        507: refused('The server has no room left: what it has is kept.'),
      },
    },
    delete: {
      tags,
      operationId: 'deleteUpload',
      summary: 'Delete an upload, and the video that it has become',
      description:
        'A finished upload is deleted as by `DELETE /videos/{id}`, with the same rights and conditions. A link for one upload deletes it ' +
        'while it is unfinished.',
      parameters: [id, version],
      responses: {
        204: { description: 'The upload is deleted.' },
        404: refused('There is no such upload, or no longer.'),
        412: refused('Another version of the protocol, or the video is not what If-Match says.'),
      },
    },
  },
}
