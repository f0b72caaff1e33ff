import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { PROBLEM_TYPE } from '../base/problem.ts'

type Paths = NonNullable<NonNullable<FastifyDynamicSwaggerOptions['openapi']>['paths']>

const header = (description: string, example: string | number) =>
  ({ description, schema: { type: 'string' }, example: String(example) }) as const
const headerParameter = (name: string, description: string, example: string | number, required = false) =>
  ({ in: 'header', name, required, ...header(description, example) }) as const

const version = headerParameter('Tus-Resumable', 'The version of the protocol.', '1.0.0', true)
const offset = header('Number of bytes that are stored.', '1048576')
const expires = header(
  'The upload is removed after this time, unless it receives more bytes before.',
  'Sat, 31 Jan 2026 12:00:00 GMT',
)
const id = {
  in: 'path',
  name: 'id',
  required: true,
  description: 'The id of the upload and of its video.',
  schema: { type: 'string', format: 'uuid' },
} as const
const problem = (description: string) =>
  ({
    description,
    content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
  }) as const
const bytes = {
  content: { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } },
} as const
const tags = ['uploads']

/** The tus routes in the OpenAPI document. They have no JSON schemas, because the tus server checks its requests itself. */
export const tusPaths: Paths = {
  '/uploads': {
    post: {
      tags,
      operationId: 'createUpload',
      summary: 'Create an upload',
      parameters: [
        version,
        headerParameter('Upload-Length', 'Size of the file in bytes.', 104857600),
        headerParameter(
          'Upload-Defer-Length',
          '`1` instead of `Upload-Length` if the size is not known yet.',
          1,
        ),
        headerParameter(
          'Upload-Metadata',
          'Keys and base64 values: `filename`, `filetype`, `title`, `description`, `language`, `tags`. An invalid value does not prevent the ' +
            'upload: its valid part is kept, and HEAD returns that part. `PATCH /videos/{id}` rejects invalid values.',
          'filename bWVldGluZy5tcDQ=,title VGVhbSBtZWV0aW5n',
        ),
      ],
      requestBody: { ...bytes, description: 'The first bytes of the file. May be empty.', required: false },
      responses: {
        201: {
          description: 'The upload was created.',
          headers: {
            Location: header('URL of the upload.', '/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071'),
            'Upload-Offset': offset,
            'Upload-Expires': expires,
          },
        },
        400: problem('A header is malformed.'),
        412: problem('The version of the protocol is not supported.'),
        413: problem('The upload is larger than the limit of the server or the quota.'),
        507: problem('The server has no free space left.'),
      },
    },
    options: {
      tags,
      operationId: 'getUploadOptions',
      summary: 'Get the capabilities of the upload server',
      responses: {
        200: {
          description: 'Supported versions, extensions and limits.',
          headers: {
            'Tus-Version': header('Supported versions.', '1.0.0'),
            'Tus-Extension': header('Supported extensions.', 'creation,termination,expiration'),
            'Tus-Max-Size': header('Maximum size of an upload in bytes.', '53687091200'),
          },
        },
      },
    },
  },
  '/uploads/{id}': {
    head: {
      tags,
      operationId: 'getUploadOffset',
      summary: 'Get the offset of an upload',
      parameters: [id, version],
      responses: {
        200: {
          description: 'The upload exists. Continue at its offset.',
          headers: {
            'Upload-Offset': offset,
            'Upload-Length': header('Size of the file in bytes.', '104857600'),
          },
        },
        404: { description: 'The upload does not exist.' },
        423: {
          description:
            'Another request is writing to the upload, or its state cannot be read now. Try again.',
        },
      },
    },
    patch: {
      tags,
      operationId: 'appendToUpload',
      summary: 'Send bytes',
      description: 'After the last byte, the upload is finished and the processing of its video begins.',
      parameters: [
        id,
        version,
        headerParameter(
          'Upload-Offset',
          'The position of the first byte in the file: the offset that the server returned last.',
          1048576,
          true,
        ),
        headerParameter('Upload-Length', 'Size of the file in bytes, if it was deferred.', 104857600),
      ],
      requestBody: { ...bytes, required: true },
      responses: {
        204: {
          description: 'The bytes are stored.',
          headers: { 'Upload-Offset': offset, 'Upload-Expires': expires },
        },
        400: problem('A header is malformed.'),
        404: problem('The upload does not exist.'),
        409: { ...problem('The upload has another offset.'), headers: { 'Upload-Offset': offset } },
        413: problem('The body exceeds the length of the upload.'),
        423: problem('Another request is writing to the upload. Try again.'),
        507: problem('The server has no free space left. Stored bytes are kept.'),
      },
    },
    delete: {
      tags,
      operationId: 'deleteUpload',
      summary: 'Delete an upload and its video',
      description:
        'A finished upload is deleted permanently together with its video, with the permissions and conditions of ' +
        '`DELETE /videos/{id}?permanent=true`. An upload link can delete its upload only while it is unfinished.',
      parameters: [id, version],
      responses: {
        204: { description: 'The upload was deleted.' },
        404: problem('The upload does not exist.'),
        412: problem('The version of the protocol is not supported, or the video does not match If-Match.'),
      },
    },
  },
}
