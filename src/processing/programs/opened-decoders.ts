import { DECODERS } from './codecs.ts'

/** A file with more decoders outside of the list is refused. */
export const MAX_OPENED = 16

/**
 * ffprobe opens a decoder for every stream and exits at the first one that is not on the list, so that the whole file would be refused.
 * These options let it open further decoders by a list for streams only. The list of the input, which decides what is decoded, stays.
 */
export function openOnly(decoders: ReadonlySet<string>): string[] {
  if (decoders.size === 0) return []
  const list = [DECODERS, ...decoders].join()
  return ['v', 'a', 's'].flatMap(kind => [
    ...[`-codec_whitelist:${kind}`, list],
    // Some decoders do not open without it.
    ...[`-strict:${kind}`, 'experimental'],
  ])
}

/** The decoder that made ffprobe exit, by its message. */
export function refusedDecoder(errors: readonly string[]): string | undefined {
  const found = errors.findLast(line => line.includes('not on whitelist'))
  return /\bCodec \(([\w.]+)\) not on whitelist/.exec(found ?? '')?.[1]
}
