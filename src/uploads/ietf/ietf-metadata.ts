import type { IncomingMessage } from 'node:http'
import { parse as parseDisposition } from 'content-disposition'
import { fieldOf, isMediaType } from '../../base/header-fields.ts'
import { type UploadMetadata, validLabels } from '../core/metadata.ts'
import { parseUploadMetadata } from '../tus/metadata-header.ts'
import { wantedAlgorithm } from './digest-fields.ts'

/** Where the digest that the whole upload is to have is kept until it is complete, as the header had it. */
export const REPR_DIGEST = 'repr-digest'
/** Where the digest is kept that the answer to the end of the upload is to tell. */
export const WANT_REPR_DIGEST = 'want-repr-digest'

/** Media types that say how bytes are sent, not what they are. */
const NO_FILE_TYPES = [
  'application/octet-stream',
  'application/partial-upload',
  'application/offset+octet-stream',
  'application/x-www-form-urlencoded',
]

/**
 * What a request to create an upload says of it: the file's name by `Content-Disposition`, its type by `Content-Type`, as any HTTP request
 * would; and tus' `Upload-Metadata`, which tus-js-client sends with either protocol and which has a title too. What cannot be read is left
 * out.
 */
export function ietfMetadata({ headers }: IncomingMessage): UploadMetadata {
  const type = fieldOf(headers, 'Content-Type')
  const digest = fieldOf(headers, 'Repr-Digest')
  const wish = fieldOf(headers, 'Want-Repr-Digest')
  const filename = filenameOf(fieldOf(headers, 'Content-Disposition'))
  const labels = {
    ...(filename && { filename }),
    ...(type && !isMediaType(type, ...NO_FILE_TYPES) && { filetype: type }),
    ...parseUploadMetadata(fieldOf(headers, 'Upload-Metadata')),
  }
  return {
    ...validLabels(labels),
    ...(digest && { [REPR_DIGEST]: digest }),
    ...(wish && wantedAlgorithm(wish) && { [WANT_REPR_DIGEST]: wish }),
  }
}

function filenameOf(disposition: string | undefined): string | undefined {
  try {
    return disposition && parseDisposition(disposition).parameters['filename']
  } catch {
    return undefined
  }
}
