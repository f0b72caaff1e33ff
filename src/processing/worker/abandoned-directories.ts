import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Db } from '../../database/schema.ts'
import { liveTokens } from '../../videos/pipeline/leases.ts'

/**
 * Removes the directories of attempts whose worker died. A directory is named after its lease's token and is created after the lease, so a
 * directory without a live lease belongs to no attempt.
 */
export async function removeAbandonedDirectories(db: Db, workDirectory: string): Promise<void> {
  const names = await readdir(workDirectory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.length === 0) return
  const live = await liveTokens(db)
  for (const name of names.filter(candidate => !live.has(candidate))) {
    await rm(join(workDirectory, name), { recursive: true, force: true })
  }
}
