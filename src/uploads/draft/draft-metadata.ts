import type { IncomingMessage } from 'node:http'
import { Metadata } from '@tus/utils'
import { parse as parseDisposition } from 'content-disposition'
import { ApiError } from '../../errors.ts'
import { type UploadMetadata, validateMetadata } from '../metadata.ts'
import { wantedAlgorithm } from './digest-fields.ts'
import { field } from './draft-fields.ts'

/** Where the digest that the whole upload is to have is kept until it is complete, as the header had it. */
export const REPR_DIGEST = 'repr-digest'
/** Where the digest is kept that the answer to the end of the upload is to tell. */
export const WANT_REPR_DIGEST = 'want-repr-digest'

/** Media types that say how bytes are sent, not what they are. */
const NO_FILE_TYPE =
  /^application\/(octet-stream|partial-upload|offset\+octet-stream|x-www-form-urlencoded)\b/

/**
 * What a request to create an upload says of it: the file's name by `Content-Disposition`, its type by `Content-Type`, as any HTTP request
 * would; and tus' `Upload-Metadata`, which tus-js-client sends with either protocol and which has a title too.
 * @throws ApiError 400 that names what is wrong.
 */
export function draftMetadata(request: IncomingMessage): UploadMetadata {
  const disposition = field(request, 'content-disposition')
  const type = field(request, 'content-type')
  const digest = field(request, 'repr-digest')
  const wanted = wantedAlgorithm(field(request, 'want-repr-digest')) && field(request, 'want-repr-digest')
  const tus = field(request, 'upload-metadata')
  const filename =
    disposition && attempt('Content-Disposition', () => parseDisposition(disposition)).parameters['filename']
  const metadata: UploadMetadata = {
    ...(filename && { filename }),
    ...(type && !NO_FILE_TYPE.test(type) && { filetype: type }),
    ...(tus && (attempt('Upload-Metadata', () => Metadata.parse(tus)) as UploadMetadata)),
    ...(digest && { [REPR_DIGEST]: digest }),
    ...(wanted && { [WANT_REPR_DIGEST]: wanted }),
  }
  validateMetadata(metadata)
  return metadata
}

function attempt<T>(name: string, parse: () => T): T {
  try {
    return parse()
  } catch {
    throw new ApiError(400, 'invalid_metadata', `${name} cannot be read.`, name)
  }
}
