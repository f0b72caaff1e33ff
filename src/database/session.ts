import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

const CONNECT_TIMEOUT_MS = 5000
const QUERY_TIMEOUT_MS = 10_000
const CLOSE_TIMEOUT_MS = 1000

/**
 * Opens a connection outside the pool, for state that PostgreSQL keeps for each session: advisory locks, LISTEN. The URL must not lead to a
 * pooler in transaction mode.
 * @param onEnd called once or more when an open connection is lost, or closed. @throws Error if there is no connection.
 */
export async function openSession(
  url: string,
  name: string,
  onEnd: (client: pg.Client, error?: Error) => void,
): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: name,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  })
  client.on('error', error => onEnd(client, error)).on('end', () => onEnd(client))
  try {
    await client.connect()
  } catch (error) {
    await closeSession(client)
    throw error
  }
  return client
}

/** Waits for a second at most. Never throws. */
export async function closeSession(client: pg.Client): Promise<void> {
  await Promise.race([client.end().catch(() => {}), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })])
}
