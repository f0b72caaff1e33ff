import type { FastifyRequest } from 'fastify'
import { fieldOf } from '../../base/header-fields.ts'
import type { Db } from '../../database/schema.ts'
import { findImported } from '../../uploads/core/old-ids.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const LAST_SEGMENT = /[^/?#]+(?=\/?(?:[?#].*)?$)/

/**
 * Lets the client of an imported upload go on with the id that another tus server gave it: in the path, and in the URLs of parts that
 * `Upload-Concat` names. From here on the request has the id that the upload has here.
 */
export async function useOwnIds(request: FastifyRequest, db: Db): Promise<void> {
  const params = request.params as { id?: string }
  if (params.id !== undefined) params.id = await ownId(db, params.id)
  const concat = fieldOf(request.headers, 'Upload-Concat')
  const [, start, list] = /^(final\s*;\s*)(.+)$/i.exec(concat ?? '') ?? []
  if (start === undefined || list === undefined) return
  const urls = await Promise.all(
    list.split(/\s+/).map(async url => {
      const [id] = LAST_SEGMENT.exec(url) ?? []
      return id === undefined ? url : url.replace(LAST_SEGMENT, await ownId(db, decoded(id)))
    }),
  )
  request.raw.headers['upload-concat'] = start + urls.join(' ')
}

async function ownId(db: Db, id: string): Promise<string> {
  // PostgreSQL refuses NUL.
  if (UUID.test(id) || id.includes('\0')) return id
  return (await findImported(db, 'tus', id)) ?? id
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
