import type { Generated } from 'kysely'
import type { Defaulted, Time } from './columns.ts'

export interface RecordingTables {
  recordings: RecordingsTable
  recording_pieces: RecordingPiecesTable
  recording_turns: RecordingTurnsTable
}

/** An upload that arrives in numbered chunks. It has the id of its upload. */
export interface RecordingsTable {
  id: string
  /** Number of the first chunk that has not been appended to the upload. */
  next: Defaulted<number>
  /** Whether chunks were missing when it was closed, or no client finalized it. */
  incomplete: Defaulted<boolean>
  /** Time at which it was closed. A closed recording accepts no chunks and becomes a video. */
  closed_at: Date | null
  /** Whether it is a video. Such rows stay, and the search for recordings to end skips them. */
  is_ended: Defaulted<boolean>
}

/** A chunk of a recording. */
export interface RecordingPiecesTable {
  recording_id: string
  number: number
  /** Bytes. */
  size: number
  /** Lower-case hex. */
  sha256: string
  /** Location of its bytes while chunks before it are missing; null once the upload contains them. */
  storage_key: string | null
  created_at: Time
}

/** A request of the old recorder that sends a chunk, while it runs. */
export interface RecordingTurnsTable {
  /** Requests with a lower number began earlier. */
  number: Generated<number>
  recording_id: string
  /** The turn ends at this time unless its process renews it. */
  held_until: Date
}
