import { createHash } from 'node:crypto'
import type { ListQuery } from '../../src/videos/catalogue/list-query.ts'

/** A cursor of a list with a sum that is right, whatever else it holds. */
export function listCursor(query: Partial<ListQuery>, value: unknown, id: unknown): string {
  const { sort = '-created_at', status, q, tag, created_after, created_before } = query
  const bound = [sort, status, q, tag, created_after, created_before, value, id].map(part => part ?? null)
  const sum = createHash('sha256').update(JSON.stringify(bound)).digest('base64url')
  return Buffer.from(JSON.stringify([sum, value, id])).toString('base64url')
}
