import { stat } from 'node:fs/promises'
import type { StreamFacts } from '../../database/tables/videos.ts'
import { recognise } from '../programs/container.ts'
import { UNTIMED } from '../programs/raw-streams.ts'
import { withChosenStreams } from './choose-streams.ts'
import { type ContainerLayout, readContainerLayout } from './container-layout.ts'
import { readPresentations } from './edit-list.ts'
import { readFragmentDuration } from './fragment-duration.ts'
import { inspect, inspectPackets, type Packet, readPackets } from './inspect.ts'
import { type MediaInfo, pictureOf, soundOf } from './media-info.ts'
import { notePacket } from './packet-times.ts'
import {
  type MeasuredFile,
  mainTracks,
  newSummary,
  type StreamTimes,
  type Timeline,
  timelineOf,
} from './timeline.ts'

/** Containers whose packet times do not depend on where reading begins. */
const TIMED = ['mov', 'matroska', 'avi', 'asf', 'wav', 'flv']
/** Containers whose headers declare a duration. For the others, FFmpeg only estimates one. */
const DECLARING = ['mov', 'matroska', 'avi', 'asf', 'flv', 'wav', 'flac']
/** How long before the declared end the reading of packets starts. */
const TAIL_S = 5
/** Up to this size, all packets are read together with the headers. */
const SMALL_BYTES = 8 * 2 ** 20

/** The facts about a file that need no decoding. */
export interface Examined {
  readonly info: MediaInfo
  readonly layout: ContainerLayout
  readonly timeline: Timeline
}

/**
 * Reads the headers of a file and measures its streams by their packets.
 *
 * If the file has an index, only the packets near the declared end are read. That is enough to find a wrong header: if it declares too much,
 * there are no packets; if it declares too little, there are more. Small files, and files without an index or a duration, are read completely.
 * If the clock restarts, as in concatenated files, time continues, as in ffmpeg's output.
 * @param chosen the streams that `probe` chose. @throws StepError `unsupported_media` if the file cannot be opened.
 */
export async function examine(
  path: string,
  signal: AbortSignal,
  chosen: readonly StreamFacts[] = [],
): Promise<Examined> {
  const { size } = await stat(path)
  const container = await recognise(path)
  const presentations = container === 'mov' ? await readPresentations(path) : []
  const summary = newSummary(container, presentations)
  const note = (packet: Packet) => notePacket(summary, packet)
  const untimed = UNTIMED.includes(container)
  const small = size <= SMALL_BYTES
  const found = small
    ? await inspectPackets(path, untimed ? withRunningTime(note) : note, signal)
    : await inspect(path, signal)
  const info = withChosenStreams(found, chosen)
  const layout = await readContainerLayout(path, info.format)
  const demuxer = info.format.split(',')[0]!
  const inFragments = container === 'mov' && !layout.indexed ? await readFragmentDuration(path) : 0
  const declared = DECLARING.includes(demuxer) ? Math.max(info.duration ?? 0, inFragments) : 0
  const file: MeasuredFile = { info, presentations, declared }
  const { duration = 0 } = info
  if (!small && layout.indexed && TIMED.includes(demuxer) && duration > 2 * TAIL_S) {
    await readPackets(path, { from: info.start + duration - TAIL_S }, note, signal)
    const timeline = timelineOf(file, summary, { tail: true })
    const all = [pictureOf(info) && timeline.picture, soundOf(info) && timeline.sound]
    // A stream that ends long before the others has no packets near the end.
    const complete = mainTracks(info).length === all.filter(times => times !== undefined).length
    if (complete && timeline.declared === undefined) return { info, layout, timeline }
    summary.streams.clear()
  }
  if (!small) await readPackets(path, {}, untimed ? withRunningTime(note) : note, signal)
  const timeline = timelineOf(file, summary)
  if (demuxer !== 'mov' || timeline.declared === undefined) return { info, layout, timeline }
  return { info, layout, timeline: await readSeparately(path, file, timeline, signal) }
}

/** For a stream without times: each packet begins at the end of the one before. */
function withRunningTime(note: (packet: Packet) => void): (packet: Packet) => void {
  let time = 0
  return packet => {
    note({ ...packet, time })
    time += packet.duration
  }
}

/** Reads one track after the other. @returns the better timeline: `together`, or the new one if it finds more. */
async function readSeparately(
  path: string,
  file: MeasuredFile,
  together: Timeline,
  signal: AbortSignal,
): Promise<Timeline> {
  const summary = newSummary('mov', file.presentations)
  for (const track of mainTracks(file.info)) {
    await readPackets(path, { stream: track.index }, packet => notePacket(summary, packet), signal)
  }
  const separate = timelineOf(file, summary)
  const isLonger = (one: StreamTimes | undefined, other: StreamTimes | undefined) =>
    (one?.end ?? 0) > (other?.end ?? 0)
  const findsMore = isLonger(separate.picture, together.picture) || isLonger(separate.sound, together.sound)
  return findsMore ? { ...separate, needsSeparateReading: true } : together
}
