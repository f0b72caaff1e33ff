import { type RawBuilder, sql, type UpdateObject } from 'kysely'
import { v7 as uuid } from 'uuid'
import { MachineFault, type StepPostponed } from '../../base/errors.ts'
import type { Db, Schema } from '../../database/schema.ts'
import type { StepName } from '../../database/tables/steps.ts'
import { CHANGED } from '../changed.ts'
import { PIPELINE, type Pipeline } from './pipeline.ts'

/** A lease is valid for this long after its last renewal. */
export const LEASE_S = 20

/** The right to work on a step until `LEASE_S` after the last renewal. Later statements compare the token. */
export interface Lease {
  readonly videoId: string
  readonly step: StepName
  readonly token: string
  /** 1 for the first attempt. Attempts that end with a lost worker or a fault of the machine do not count. */
  readonly attempt: number
  /** Whether the step may be the cause of lost workers. */
  readonly suspect: boolean
}

/** A step that lost this many workers is suspect. A worker runs one suspect step at a time, so that the cause of the next loss is known. */
export const SUSPECT_LOSSES = 2

/** Limits of a video whose steps count as quick. */
const QUICK_DURATION_S = 60
const QUICK_BYTES = 64 * 2 ** 20

export interface Claim {
  /** Only steps of this video; for tests. */
  readonly videoId?: string | undefined
  /** The id of the worker process. */
  readonly worker?: string | undefined
  /** Whether to take suspect steps too. */
  readonly suspects?: boolean | undefined
  /** Whether to take steps of short and small videos only. */
  readonly quick?: boolean | undefined
  /** Another pipeline; for tests. */
  readonly pipeline?: Pipeline | undefined
}

/**
 * Claims the due step of a kind with the lowest turn, unless the kind is paused. Compare-and-set, so exactly one worker gets it. A step that
 * needs the whole source is not claimed while the video is being uploaded.
 * @returns undefined if no step is due.
 */
export async function claimStep(
  db: Db,
  step: StepName,
  { videoId, worker, suspects = true, quick = false, pipeline = PIPELINE }: Claim = {},
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
    .$if(pipeline[step].needs === 'whole', query => query.where(isUploaded()))
    // An index has both columns: each claim reads its first rows only.
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
    // Not `in`, which may become a join that runs the subquery for every row and claims all due steps.
    .where('video_id', '=', due)
    .returning(['video_id', 'attempts', 'losses'])
    .executeTakeFirst()
  if (!claimed) return undefined
  const { video_id: id, attempts: attempt, losses } = claimed
  await touch(db, id)
  return { videoId: id, step, token, attempt, suspect: losses >= SUSPECT_LOSSES }
}

function isUploaded(): RawBuilder<boolean> {
  return sql<boolean>`exists (select from videos where videos.id = steps.video_id and status <> 'uploading')`
}

function isQuick(): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from videos
    where videos.id = steps.video_id and size <= ${QUICK_BYTES} and coalesce(duration, 0) <= ${QUICK_DURATION_S}
  )`
}

/**
 * The turn of a step that becomes due: after the other steps of its owner, but not before the step that runs now. So owners alternate
 * regardless of how many steps each has waiting, and an idle owner does not accumulate turns (start-time fair queueing, Goyal et al. 1996).
 * Two concurrent statements may compute the same turn. `due_at` then decides.
 */
export function nextTurn(name: StepName, owner: RawBuilder<string>): RawBuilder<number> {
  return sql<number>`greatest(
    (select max(turn) + 1 from steps as own where own.name = ${name} and own.owner = ${owner} and own.state = 'pending'),
    (select max(turn) from steps as ran where ran.name = ${name} and ran.state = 'running'),
    (select min(turn) from steps as next where next.name = ${name} and next.state = 'pending' and due_at <= now()),
    0
  )`
}

/** Renews a lease and stores the progress in percent. @returns false if the lease was lost, or the step is gone. */
export async function renewLease(db: Db, lease: Lease, progress: number): Promise<boolean> {
  const held = await updateHeld(db, lease, { progress, lease_until: leaseEnd() })
  if (held) await touch(db, lease.videoId)
  return held
}

/** Whether a lease still holds its step. It reads one row. */
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
 * Returns a step without counting the attempt, because the worker stops or a dependency of the step failed.
 * @param why the reason, and the minimum delay in seconds. After each fault of the machine, the delay doubles.
 */
export async function releaseStep(db: Db, lease: Lease, why?: StepPostponed): Promise<void> {
  const faulty = why instanceof MachineFault
  const wait = faulty
    ? sql`least(${MAX_WAIT_S}, 2 ^ least(machine_faults + 1, 20))`
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

/** The longest wait after a fault of the machine. */
const MAX_WAIT_S = 300

/** The machine fault that delays the most steps. */
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

/** Tokens of all valid leases. Any other token belongs to a worker that has died. */
export async function liveTokens(db: Db): Promise<Set<string>> {
  const rows = await db
    .selectFrom('steps')
    .select('lease_token')
    .where('state', '=', 'running')
    .where('lease_until', '>=', sql<Date>`now()`)
    .execute()
  return new Set(rows.map(row => row.lease_token!))
}

/** Ends all leases. Only for the start of a process that is the only one on its database. */
export async function dropLeases(db: Db): Promise<void> {
  await db
    .updateTable('steps')
    .set({ lease_until: sql<Date>`now() - interval '1 second'` })
    .where('state', '=', 'running')
    .execute()
}

/** Updates a step if the lease still holds it. @returns false, and changes nothing, if it does not. */
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

/** Marks a video as changed, for its watchers. */
export async function touch(db: Db, videoId: string): Promise<void> {
  await db.updateTable('videos').set(CHANGED).where('id', '=', videoId).execute()
}

function leaseEnd() {
  return sql<Date>`now() + ${LEASE_S} * interval '1 second'`
}
