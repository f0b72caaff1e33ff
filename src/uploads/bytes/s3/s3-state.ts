import type { Multipart } from '../../../objects/s3/s3-bucket.ts'
import { type Part, sizeOf } from '../../../objects/s3/s3-parts.ts'
import { BytesLostError } from '../upload-bytes.ts'

/** The first `size` bytes of an object. */
export interface Extent {
  readonly key: string
  readonly size: number
}

/** A multipart upload with the parts that count. It can have additional parts that no row names. */
export interface GrowingMultipart extends Multipart {
  readonly parts: readonly Part[]
}

/** The location of an upload's bytes, in this order: the segments, the multipart upload, the tail. */
export interface S3State {
  /** Finished objects, for example completed multipart uploads of other processes. */
  readonly segments?: readonly Extent[]
  readonly multipart?: GrowingMultipart
  /** Objects whose total size is smaller than a part. */
  readonly tail?: readonly Extent[]
  /** Whether objects may exist that no state names, because a process ended before it saved the state. */
  readonly hasStrays?: boolean
}

/** A state with all members. */
export interface Layout {
  readonly segments: readonly Extent[]
  readonly multipart: GrowingMultipart | undefined
  readonly tail: readonly Extent[]
}

/** The prefix of all objects of an upload. */
export function prefixOf(id: string): string {
  return `uploads/${id}/`
}

/** @returns null for an upload without bytes. */
export function stateOf(layout: Layout, hasStrays: boolean): S3State | null {
  const { segments, multipart, tail } = layout
  if (segments.length === 0 && !multipart && tail.length === 0 && !hasStrays) return null
  return {
    ...(segments.length > 0 && { segments }),
    ...(multipart && { multipart }),
    ...(tail.length > 0 && { tail }),
    ...(hasStrays && { hasStrays }),
  }
}

/**
 * The layout of the first `offset` bytes, because an offset can be moved back.
 * @returns with `isCut` if the offset is inside the multipart upload. It must then be completed to an object, of which fewer bytes count.
 * @throws BytesLostError if the state has fewer bytes.
 */
export function layoutUpTo(state: S3State | null, offset: number): { layout: Layout; isCut: boolean } {
  const { segments = [], multipart, tail = [] } = state ?? {}
  const before = firstOf(segments, offset)
  let left = offset - sizeOf(before)
  const inParts = Math.min(left, sizeOf(multipart?.parts ?? []))
  left -= inParts
  const after = firstOf(tail, left)
  if (sizeOf(after) < left) throw new BytesLostError()
  if (!multipart || inParts === 0)
    return { layout: { segments: before, multipart: undefined, tail: after }, isCut: false }
  if (inParts === sizeOf(multipart.parts))
    return { layout: { segments: before, multipart, tail: after }, isCut: false }
  // The object will begin with the bytes of these parts.
  return {
    layout: {
      segments: [...before, { key: multipart.key, size: inParts }],
      multipart,
      tail: [],
    },
    isCut: true,
  }
}

/** The extents of the first `size` bytes, or all extents if they have fewer bytes. */
function firstOf(extents: readonly Extent[], size: number): Extent[] {
  const found: Extent[] = []
  let left = size
  for (const extent of extents) {
    if (left === 0) break
    const taken = Math.min(left, extent.size)
    found.push(taken === extent.size ? extent : { ...extent, size: taken })
    left -= taken
  }
  return found
}
