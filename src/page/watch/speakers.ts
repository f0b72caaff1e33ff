import type { Segment } from '../api/types.ts'

/** Number of colours in transcript.css. */
const COLOURS = 8

/** The colour of each speaker, 0 to 7, in the order in which they first speak. */
export function speakerColours(segments: readonly Pick<Segment, 'speaker'>[]): ReadonlyMap<string, number> {
  const colours = new Map<string, number>()
  for (const { speaker } of segments)
    if (speaker && !colours.has(speaker)) colours.set(speaker, colours.size % COLOURS)
  return colours
}

/** A change of the speaker of some lines. */
export interface SpeakerChange {
  /** Undefined to give lines without a speaker a name. */
  readonly from: string | undefined
  /** Undefined to remove the name. */
  readonly to: string | undefined
  /** The only lines to change, as `lineKey`; all lines of `from` if undefined. */
  readonly only?: ReadonlySet<string> | undefined
}

/** Identifies a line also after others were inserted. */
export function lineKey({ start, text }: Segment): string {
  return `${start} ${text}`
}

/** Applies a change, also to a later version of the transcript. @returns the lines, and the keys of those that have changed */
export function changeSpeaker(
  segments: readonly Segment[],
  { from, to, only }: SpeakerChange,
): { segments: Segment[]; changed: ReadonlySet<string> } {
  const changed = new Set<string>()
  const result = segments.map(segment => {
    const { speaker, words: _, ...rest } = segment
    const isMeant = speaker === from && from !== to && (!only || only.has(lineKey(segment)))
    if (isMeant) changed.add(lineKey(segment))
    const name = isMeant ? to : speaker
    return { ...rest, ...(name && { speaker: name }) }
  })
  return { segments: result, changed }
}
