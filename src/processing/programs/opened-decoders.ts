import { DECODERS } from './codecs.ts'

/** Different decoders outside of the list that one file can have before it is given up. */
export const MAX_OPENED = 16

/**
 * ffprobe opens a decoder for every stream and exits at the first that it may not open, which would condemn the whole file. These
 * options let it open some more, by a list for streams alone: the list of the input, by which anything is decoded, stays as it is.
 */
export function openOnly(decoders: ReadonlySet<string>): string[] {
  if (decoders.size === 0) return []
  const list = [DECODERS, ...decoders].join()
  return ['v', 'a', 's'].flatMap(kind => [
    ...[`-codec_whitelist:${kind}`, list],
    // Some of them do not open otherwise.
    ...[`-strict:${kind}`, 'experimental'],
  ])
}

/** The decoder that ffprobe gave up at, by what it said. */
export function refusedDecoder(complaint: readonly string[]): string | undefined {
  const found = complaint.findLast(line => line.includes('not on whitelist'))
  return /\bCodec \(([\w.]+)\) not on whitelist/.exec(found ?? '')?.[1]
}
