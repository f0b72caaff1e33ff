import type { UploadMetadata } from '../../uploads/core/metadata.ts'
import { parseUploadMetadata } from '../../uploads/tus/metadata-header.ts'
import { Unreadable } from '../item.ts'

/** The metadata file that a tus server keeps next to the bytes of an upload. */
export interface Sidecar {
  readonly id: string
  /** Size in bytes; null if the client has not declared it. */
  readonly length: number | null
  /** Number of received bytes according to the server. Neither server keeps it up to date. */
  readonly offset: number
  readonly metadata: UploadMetadata
  readonly isPartial: boolean
  /** Ids of the uploads that were concatenated to this one. */
  readonly parts: readonly string[] | undefined
  readonly createdAt: Date | undefined
  /** The paths of the bytes and of this file, as tusd recorded them; undefined if both are derived from the id. */
  readonly path: string | undefined
  readonly infoPath: string | undefined
  /** The type of the storage, if the bytes are not on the disk. */
  readonly elsewhere: string | undefined
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads a sidecar of tusd (`ID.info`; FileInfo in pkg/handler/datastore.go) or of `@tus/server` (`ID.json`; FileConfigstore).
 * @returns undefined if it is other JSON. @throws Unreadable if it is not JSON.
 */
export function parseSidecar(text: string): Sidecar | undefined {
  const fields = parse(text)
  if (typeof fields?.['ID'] === 'string' && 'Size' in fields) return ofTusd(fields)
  if (typeof fields?.['id'] === 'string' && ('metadata' in fields || 'size' in fields || 'offset' in fields))
    return ofTusNode(fields)
  return undefined
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined
  } catch {
    throw new Unreadable('its sidecar is not valid JSON: the server was interrupted while it wrote the file')
  }
}

function ofTusd(fields: Fields): Sidecar {
  const storage = (fields['Storage'] ?? {}) as Fields
  const type = textOf(storage['Type'])
  const parts = fields['PartialUploads']
  return {
    id: String(fields['ID']),
    length: fields['SizeIsDeferred'] === true ? null : bytesOf(fields['Size']),
    offset: bytesOf(fields['Offset'] ?? 0),
    metadata: metadataOf(fields['MetaData']),
    isPartial: fields['IsPartial'] === true,
    parts: fields['IsFinal'] === true && Array.isArray(parts) ? parts.map(String) : undefined,
    createdAt: undefined,
    path: textOf(storage['Path']),
    infoPath: textOf(storage['InfoPath']),
    elsewhere: type !== undefined && type !== 'filestore' ? type : undefined,
  }
}

function ofTusNode(fields: Fields): Sidecar {
  const storage = (fields['storage'] ?? {}) as Fields
  const type = textOf(storage['type'])
  const created = Date.parse(textOf(fields['creation_date']) ?? '')
  // Earlier versions named these members `upload_length` and `upload_metadata`.
  const length = fields['size'] ?? fields['upload_length']
  return {
    id: String(fields['id']),
    length: length === undefined || length === null ? null : bytesOf(length),
    offset: bytesOf(fields['offset'] ?? 0),
    metadata: metadataOf(fields['metadata'] ?? fields['upload_metadata']),
    isPartial: false,
    parts: undefined,
    createdAt: Number.isNaN(created) ? undefined : new Date(created),
    path: undefined,
    infoPath: undefined,
    elsewhere: type !== undefined && type !== 'file' ? type : undefined,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function bytesOf(value: unknown): number {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number
  throw new Unreadable(`its sidecar has no valid size: ${JSON.stringify(value)}`)
}

/** The metadata is already decoded; earlier versions of @tus/server stored the raw header. */
function metadataOf(value: unknown): UploadMetadata {
  if (typeof value === 'string') return withFilename(parseUploadMetadata(value))
  if (typeof value !== 'object' || value === null) return {}
  return withFilename(
    Object.fromEntries(
      Object.entries(value).map(([key, text]) => [key, text === null ? null : String(text)]),
    ),
  )
}

/** Uppy and other clients use the keys `name` and `type`. */
function withFilename(metadata: UploadMetadata): UploadMetadata {
  const { name, type } = metadata
  return { ...(name && { filename: name }), ...(type && { filetype: type }), ...metadata }
}
