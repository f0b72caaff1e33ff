import { type UploadMetadata, validLabels } from '../core/metadata.ts'

const VALUE = /^[\w+/-]*={0,2}$/

/**
 * Reads `Upload-Metadata` (tus 1.0.0, Creation): pairs of a key and its value in base64, separated by commas. Clients deviate from this:
 * tuspy and go-tus send an empty field, TUSKit and tus-php put ", " between pairs, others send a trailing comma or several lines. Leaves out
 * malformed pairs, because a label must not make an upload fail. If a key occurs several times, the first value counts.
 */
export function parseUploadMetadata(header: string | undefined): UploadMetadata {
  const metadata = new Map<string, string | null>()
  for (const pair of (header ?? '').split(',')) {
    const [key = '', value, ...more] = pair.trim().split(/\s+/)
    if (key === '' || more.length > 0 || metadata.has(key)) continue
    if (value === undefined) metadata.set(key, null)
    else if (VALUE.test(value)) metadata.set(key, Buffer.from(value, 'base64').toString())
  }
  return validLabels(Object.fromEntries(metadata))
}
