import { buffer } from 'node:stream/consumers'
import type { Multipart, S3Bucket } from '../../../objects/s3/s3-bucket.ts'
import { download } from '../../../objects/s3/s3-download.ts'
import { isAbsent } from '../../../objects/s3/s3-errors.ts'
import { inParallel } from '../../../objects/s3/s3-parallel.ts'
import { MAX_COPY_BYTES, MAX_PARTS, MIN_PART_BYTES, sizeOf } from '../../../objects/s3/s3-parts.ts'
import { completeWhole } from '../../../objects/s3/s3-store.ts'
import { BytesLostError } from '../upload-bytes.ts'
import type { Extent } from './s3-state.ts'

/** Maximum number of parts of an object that are copied in parallel. */
const PARALLEL_COPIES = 8
/** Maximum size of a copied part. Several parts are faster than one, because they are copied in parallel. */
const COPIED_PART_BYTES = 512 * 2 ** 20

/** A range of an object. Both `start` and `end` are inclusive. */
interface ObjectRange {
  readonly key: string
  readonly start: number
  readonly end: number
}

/** The sources of one part. A single range is copied by the service; several ranges are collected in memory. */
export type PartPlan = readonly ObjectRange[]

/**
 * Plans the parts of an object that is joined from others. Large ranges are copied by the service. Small ranges are combined with their
 * neighbours, because only the last part may be smaller than `MIN_PART_BYTES`.
 */
export function planParts(extents: readonly Extent[]): PartPlan[] {
  const plans: PartPlan[] = []
  let small: ObjectRange[] = []
  const flush = () => {
    if (small.length > 0) plans.push(small)
    small = []
  }
  for (const { key, size } of extents) {
    let start = 0
    // Complete a part that is too small with the first bytes of this object.
    if (small.length > 0) {
      const missing = MIN_PART_BYTES - lengthOf(small)
      const end = Math.min(missing, size) - 1
      small.push({ key, start, end })
      start = end + 1
      if (lengthOf(small) === MIN_PART_BYTES) flush()
    }
    for (const range of divided({ key, start, end: size - 1 })) {
      if (lengthOf([range]) >= MIN_PART_BYTES) plans.push([range])
      else small.push(range)
    }
  }
  flush()
  return plans
}

/** Divides a range into equal ranges that are small enough to be copied. */
function divided({ key, start, end }: ObjectRange): ObjectRange[] {
  const size = end - start + 1
  if (size <= 0) return []
  const count = Math.ceil(size / COPIED_PART_BYTES)
  const length = Math.ceil(size / count)
  return Array.from({ length: count }, (_, index) => ({
    key,
    start: start + index * length,
    end: Math.min(start + (index + 1) * length - 1, end),
  }))
}

function lengthOf(ranges: readonly ObjectRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start + 1, 0)
}

/**
 * Joins objects to one. The sources are kept. The service copies large sources itself. A repeated call creates the same object.
 * @throws BytesLostError if a source is missing.
 */
export async function join(bucket: S3Bucket, extents: readonly Extent[], target: string): Promise<void> {
  const total = sizeOf(extents)
  const made = await bucket.head(target)
  if (made?.size === total) return
  if (total <= MIN_PART_BYTES) {
    await bucket.put(target, await gather(bucket, wholes(extents)))
    return
  }
  const plans = planParts(extents)
  if (plans.length > MAX_PARTS)
    throw new Error(`An object cannot have ${plans.length} parts; the maximum is ${MAX_PARTS}.`)
  const multipart = await bucket.begin(target)
  try {
    const parts = await inParallel(plans, PARALLEL_COPIES, (plan, index) =>
      makePart(bucket, multipart, index + 1, plan),
    )
    await completeWhole(bucket, multipart, parts)
  } catch (error) {
    await bucket.abort(multipart).catch(() => {})
    throw isAbsent(error) ? new BytesLostError() : error
  }
}

async function makePart(bucket: S3Bucket, multipart: Multipart, number: number, plan: PartPlan) {
  const [first, ...others] = plan
  if (others.length === 0 && lengthOf(plan) <= MAX_COPY_BYTES)
    return bucket.copyPart(multipart, number, first!.key, first!)
  return bucket.uploadPart(multipart, number, await gather(bucket, plan))
}

/** Reads ranges into memory. @throws BytesLostError if an object is missing. */
export async function gather(bucket: S3Bucket, plan: PartPlan): Promise<Buffer> {
  try {
    const bodies = await inParallel(plan, PARALLEL_COPIES, async ({ key, start, end }) =>
      buffer(await download(bucket, key, { start, end })),
    )
    return Buffer.concat(bodies)
  } catch (error) {
    throw isAbsent(error) ? new BytesLostError() : error
  }
}

/** The ranges of whole extents. */
export function wholes(extents: readonly Extent[]): PartPlan {
  return extents.filter(({ size }) => size > 0).map(({ key, size }) => ({ key, start: 0, end: size - 1 }))
}
