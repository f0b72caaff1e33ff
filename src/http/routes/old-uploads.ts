import type { IncomingHttpHeaders } from 'node:http'
import { fieldOf } from '../../base/header-fields.ts'
import { isUuid } from '../../base/ids.ts'
import type { Db } from '../../database/schema.ts'
import { findImported } from '../../uploads/core/old-ids.ts'

const LAST_SEGMENT = /[^/?#]+(?=\/?(?:[?#].*)?$)/

/** Replaces the id that another tus server assigned to an imported upload by our own id, so that its client can resume with the old URL. */
export async function useOwnId(params: { id?: string }, db: Db): Promise<void> {
  if (params.id !== undefined) params.id = await ownId(db, params.id)
}

/** Replaces the ids of another tus server by our own ids in the URLs of `Upload-Concat`. @returns the headers. */
export async function withOwnIds(headers: IncomingHttpHeaders, db: Db): Promise<IncomingHttpHeaders> {
  const [, start, list] = /^(final\s*;\s*)(.+)$/i.exec(fieldOf(headers, 'Upload-Concat') ?? '') ?? []
  if (start === undefined || list === undefined) return headers
  const urls = await Promise.all(
    list.split(/\s+/).map(async url => {
      const [id] = LAST_SEGMENT.exec(url) ?? []
      return id === undefined ? url : url.replace(LAST_SEGMENT, await ownId(db, decoded(id)))
    }),
  )
  return { ...headers, 'upload-concat': start + urls.join(' ') }
}

async function ownId(db: Db, id: string): Promise<string> {
  // PostgreSQL rejects NUL.
  if (isUuid(id) || id.includes('\0')) return id
  return (await findImported(db, 'tus', id)) ?? id
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
