import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'

type Paths = NonNullable<NonNullable<FastifyDynamicSwaggerOptions['openapi']>['paths']>

const header = (description: string, example: string | number) =>
  ({ description, schema: { type: 'string' }, example: String(example) }) as const
const headerParameter = (name: string, description: string, example: string | number, required = false) =>
  ({ in: 'header', name, required, ...header(description, example) }) as const

const version = headerParameter('Tus-Resumable', 'The version of the protocol.', '1.0.0', true)
const offset = header('Number of bytes that are stored.', '1048576')
const expires = header(
  'An unfinished upload without new bytes is removed after this time.',
  'Sat, 31 Jan 2026 12:00:00 GMT',
)
const id = {
  in: 'path',
  name: 'id',
  required: true,
  description: 'The id of the upload and of its video.',
  schema: { type: 'string', format: 'uuid' },
} as const
const refused = (description: string) =>
  ({ description, content: { 'text/plain': { schema: { type: 'string' } } } }) as const
const bytes = {
  content: { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } },
} as const
const tags = ['uploads']

/** The tus routes for the OpenAPI document. tus 1.0.0 specifies them, and the tus server checks requests. */
export const tusPaths: Paths = {
  '/uploads': {
    post: {
      tags,
      operationId: 'createUpload',
      summary: 'Create an upload',
      parameters: [
        version,
        headerParameter('Upload-Length', 'Bytes of the file.', 104857600),
        headerParameter('Upload-Defer-Length', 'Instead of the length, if it is not known yet.', 1),
        headerParameter(
          'Upload-Metadata',
          'Pairs of a key and its value in base64: `filename`, `filetype`, `title`, `description`, `language`, `tags`. An invalid label ' +
            'does not prevent the upload: its valid part is kept, and HEAD repeats that. `PATCH /videos/{id}` refuses invalid labels.',
          'filename bWVldGluZy5tcDQ=,title VGVhbSBtZWV0aW5n',
        ),
      ],
      requestBody: { ...bytes, description: 'The first bytes, or none.', required: false },
      responses: {
        201: {
          description: 'The upload was created.',
          headers: {
            Location: header('URL of the upload.', '/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'),
            'Upload-Offset': offset,
            'Upload-Expires': expires,
          },
        },
        400: refused('A header is malformed.'),
        412: refused('Another version of the protocol.'),
        413: refused('The upload is larger than the server allows.'),
        507: refused('The server has no space left.'),
      },
    },
    options: {
      tags,
      operationId: 'getUploadOptions',
      summary: 'Capabilities of the upload server',
      responses: {
        200: {
          description: 'Supported versions, extensions and limits.',
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
      summary: 'Offset of an upload',
      parameters: [id, version],
      responses: {
        200: {
          description: 'Continue at the offset.',
          headers: { 'Upload-Offset': offset, 'Upload-Length': header('Bytes of the file.', '104857600') },
        },
        404: { description: 'The upload does not exist.' },
        423: { description: 'The upload is busy: try again.' },
      },
    },
    patch: {
      tags,
      operationId: 'appendToUpload',
      summary: 'Send bytes',
      description: 'The last byte makes the upload a video.',
      parameters: [
        id,
        version,
        headerParameter(
          'Upload-Offset',
          'Position of the bytes in the file: the offset that the server has returned.',
          1048576,
          true,
        ),
        headerParameter('Upload-Length', 'Bytes of the file, if the length was deferred.', 104857600),
      ],
      requestBody: { ...bytes, required: true },
      responses: {
        204: {
          description: 'The bytes are stored.',
          headers: { 'Upload-Offset': offset, 'Upload-Expires': expires },
        },
        400: refused('A header is malformed.'),
        404: refused('The upload does not exist.'),
        409: { ...refused('The upload is at another offset.'), headers: { 'Upload-Offset': offset } },
        413: refused('The body has more bytes than the upload may take.'),
        423: refused('Another request is writing to it: try again.'),
        507: refused('The server has no space left. Bytes that it stored are kept.'),
      },
    },
    delete: {
      tags,
      operationId: 'deleteUpload',
      summary: 'Delete an upload and its video',
      description:
        'Deletes a finished upload like `DELETE /videos/{id}`, with the same permissions and conditions. An upload link can delete its ' +
        'upload while it is unfinished.',
      parameters: [id, version],
      responses: {
        204: { description: 'The upload is deleted.' },
        404: refused('The upload does not exist.'),
        412: refused('Another version of the protocol, or the video does not match If-Match.'),
      },
    },
  },
}
