import type { IncomingMessage } from 'node:http'
import { parse as parseDisposition } from 'content-disposition'
import { fieldOf, isMediaType } from '../../base/header-fields.ts'
import { type UploadMetadata, validLabels } from '../core/metadata.ts'
import { parseUploadMetadata } from '../tus/metadata-header.ts'
import { wantedAlgorithm } from './digest-fields.ts'

/** The metadata key for the digest of the whole upload, as in the header. */
export const REPR_DIGEST = 'repr-digest'
/** The metadata key for the header that asks for a digest in the last response. */
export const WANT_REPR_DIGEST = 'want-repr-digest'

/** Media types that describe the transfer and not the file. */
const NO_FILE_TYPES = [
  'application/octet-stream',
  'application/partial-upload',
  'application/offset+octet-stream',
  'application/x-www-form-urlencoded',
]

/**
 * The metadata of a request that creates an upload: the file's name from `Content-Disposition`, its type from `Content-Type`, and the labels
 * in tus's `Upload-Metadata`, which tus-js-client sends with both protocols. Leaves out malformed values.
 */
export function ietfMetadata({ headers }: IncomingMessage): UploadMetadata {
  const type = fieldOf(headers, 'Content-Type')
  const digest = fieldOf(headers, 'Repr-Digest')
  const wanted = fieldOf(headers, 'Want-Repr-Digest')
  const filename = filenameOf(fieldOf(headers, 'Content-Disposition'))
  const labels = {
    ...(filename && { filename }),
    ...(type && !isMediaType(type, ...NO_FILE_TYPES) && { filetype: type }),
    ...parseUploadMetadata(fieldOf(headers, 'Upload-Metadata')),
  }
  return {
    ...validLabels(labels),
    ...(digest && { [REPR_DIGEST]: digest }),
    ...(wanted && wantedAlgorithm(wanted) && { [WANT_REPR_DIGEST]: wanted }),
  }
}

function filenameOf(disposition: string | undefined): string | undefined {
  try {
    return disposition && parseDisposition(disposition).parameters['filename']
  } catch {
    return undefined
  }
}
