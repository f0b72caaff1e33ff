import { type RawBuilder, sql, type UpdateObject } from 'kysely'
import { v7 as uuid } from 'uuid'
import { MachineFault, type StepPostponed } from '../../base/errors.ts'
import type { Db, Schema, StepName } from '../../database/schema.ts'

/** How long a running step belongs to its worker after the last sign of life, in seconds. */
export const LEASE = 20

/** The right to work on a step until `LEASE` after the last renewal; the token is what later statements compare. */
export interface Lease {
  readonly videoId: string
  readonly step: StepName
  readonly token: string
  /** 1 for the first. Lost workers and faults of the machine do not count. */
  readonly attempt: number
  /** Whether it may be the cause that workers are lost. */
  readonly suspect: boolean
}

/** From how many losses on a worker runs a step beside no other such step: only one of them can then be to blame for the next loss. */
export const SUSPECT_LOSSES = 2

/** Seconds and bytes of a video whose steps are quick. */
const QUICK_DURATION_S = 60
const QUICK_BYTES = 64 * 2 ** 20

export interface Claim {
  /** Of one video, for tests. */
  readonly videoId?: string | undefined
  /** The process that claims. */
  readonly worker?: string | undefined
  /** Whether suspect steps are taken, too. */
  readonly suspects?: boolean | undefined
  /** Whether only short and small videos are taken. */
  readonly quick?: boolean | undefined
}

/**
 * Takes a due step of a kind that is not paused: the one whose turn it is. Compare-and-set, so that of any number of workers one gets it.
 * @returns undefined if there is nothing to take.
 */
export async function claimStep(
  db: Db,
  step: StepName,
  { videoId, worker, suspects = true, quick = false }: Claim = {},
): Promise<Lease | undefined> {
  const token = uuid()
  const due = db
    .selectFrom('steps')
    .select('video_id')
    .where('name', '=', step)
    .where('state', '=', 'pending')
    .where('due_at', '<=', sql<Date>`now()`)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('pauses').select('pauses.step').where('pauses.step', '=', step))),
    )
    .$if(videoId !== undefined, query => query.where('video_id', '=', videoId!))
    .$if(!suspects, query => query.where('losses', '<', SUSPECT_LOSSES))
    .$if(quick, query => query.where(isQuick()))
    // Through the index on both, of which each claim reads the first rows only.
    .orderBy('turn')
    .orderBy('due_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
  const claimed = await db
    .updateTable('steps')
    .set({
      state: 'running',
      attempts: sql<number>`attempts + 1`,
      progress: 0,
      lease_token: token,
      lease_until: leaseEnd(),
      worker: worker ?? null,
      started_at: sql<Date>`now()`,
      finished_at: null,
    })
    .where('name', '=', step)
    // Not `in`: that may become a join that runs the subquery again for every row, and takes all that is due.
    .where('video_id', '=', due)
    .returning(['video_id', 'attempts', 'losses'])
    .executeTakeFirst()
  if (!claimed) return undefined
  const { video_id: id, attempts: attempt, losses } = claimed
  await touch(db, id)
  return { videoId: id, step, token, attempt, suspect: losses >= SUSPECT_LOSSES }
}

function isQuick(): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from videos
    where videos.id = steps.video_id and size <= ${QUICK_BYTES} and coalesce(duration, 0) <= ${QUICK_DURATION_S}
  )`
}

/**
 * The turn of a step that becomes due: after its owner's others of that kind, but not before the step that runs now. So owners alternate,
 * whatever each of them has waiting, and nobody saves up turns. (Start-time fair queueing, Goyal et al. 1996.)
 * Two concurrent statements may give the same turn, which the time of being due then decides.
 */
export function nextTurn(name: StepName, owner: RawBuilder<string>): RawBuilder<number> {
  return sql<number>`greatest(
    (select max(turn) + 1 from steps as own where own.name = ${name} and own.owner = ${owner} and own.state = 'pending'),
    (select max(turn) from steps as ran where ran.name = ${name} and ran.state = 'running'),
    (select min(turn) from steps as next where next.name = ${name} and next.state = 'pending' and due_at <= now()),
    0
  )`
}

/** Prolongs a lease and notes the progress in percent. @returns false where the step is somebody else's by now, or gone. */
export async function renewLease(db: Db, lease: Lease, progress: number): Promise<boolean> {
  const held = await updateHeld(db, lease, { progress, lease_until: leaseEnd() })
  if (held) await touch(db, lease.videoId)
  return held
}

/** Whether a step still belongs to its lease, at the cost of one small read. */
export async function holdsLease(db: Db, lease: Lease): Promise<boolean> {
  const row = await db
    .selectFrom('steps')
    .select('name')
    .where('video_id', '=', lease.videoId)
    .where('name', '=', lease.step)
    .where('lease_token', '=', lease.token)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Gives a step back as if it had not been begun: the worker is stopped, or the step has to wait for what is no fault of its own.
 * @param why what it waits for, and for how many seconds at least. After a fault of the machine the wait doubles each time.
 */
export async function releaseStep(db: Db, lease: Lease, why?: StepPostponed): Promise<void> {
  const faulty = why instanceof MachineFault
  const wait = faulty
    ? sql`least(${LONGEST_WAIT_S}, 2 ^ least(machine_faults + 1, 20))`
    : sql`${why?.wait ?? 0}::float8`
  await updateHeld(db, lease, {
    state: 'pending',
    attempts: sql<number>`attempts - 1`,
    progress: 0,
    due_at: sql<Date>`now() + ${wait} * interval '1 second'`,
    lease_token: null,
    lease_until: null,
    ...(faulty && { machine_faults: sql<number>`machine_faults + 1` }),
    ...(why && { error_code: why.code, error_message: why.message }),
  })
  await touch(db, lease.videoId)
}

/** Seconds between two attempts at a step that the machine cannot do. */
const LONGEST_WAIT_S = 300

/** The fault of the machine for which most steps wait now. */
export async function commonestMachineFault(
  db: Db,
): Promise<{ code: string; message: string; steps: number } | undefined> {
  const { rows } = await sql<{ code: string; message: string; steps: number }>`
    select error_code as code, min(error_message) as message, count(*)::int as steps
    from steps
    where machine_faults > 0 and error_code is not null
    group by 1
    order by 3 desc
    limit 1`.execute(db)
  return rows[0]
}

/** Tokens of all leases that stand: whatever else carries a token is left over from a worker that died. */
export async function liveTokens(db: Db): Promise<Set<string>> {
  const rows = await db
    .selectFrom('steps')
    .select('lease_token')
    .where('state', '=', 'running')
    .where('lease_until', '>=', sql<Date>`now()`)
    .execute()
  return new Set(rows.map(row => row.lease_token!))
}

/** Ends all leases at once: for the start of the one process that can have held any. */
export async function dropLeases(db: Db): Promise<void> {
  await db
    .updateTable('steps')
    .set({ lease_until: sql<Date>`now() - interval '1 second'` })
    .where('state', '=', 'running')
    .execute()
}

/** Changes a step that this lease still holds. @returns false, and changes nothing, where it does not. */
export async function updateHeld(
  db: Db,
  lease: Lease,
  values: UpdateObject<Schema, 'steps'>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('steps')
    .set(values)
    .where('video_id', '=', lease.videoId)
    .where('name', '=', lease.step)
    .where('state', '=', 'running')
    .where('lease_token', '=', lease.token)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Marks a video as changed, for those who watch it. */
export async function touch(db: Db, videoId: string): Promise<void> {
  await db
    .updateTable('videos')
    .set({ version: sql<number>`version + 1`, updated_at: sql<Date>`now()` })
    .where('id', '=', videoId)
    .execute()
}

function leaseEnd() {
  return sql<Date>`now() + ${LEASE} * interval '1 second'`
}
