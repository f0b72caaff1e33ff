import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StepNote } from '../../database/tables/steps.ts'
import { type Chapter, isTextSubtitle, type StoredCue } from '../../videos/transcripts/embedded-captions.ts'
import { type RunOptions, runFfmpeg } from '../programs/ffmpeg.ts'
import type { MadeFile } from '../step.ts'
import { singleLine } from './ffprobe-output.ts'
import { ignoreFileFault } from './file-faults.ts'
import type { MediaInfo, MediaStream } from './media-info.ts'

/** Films have dozens of subtitle tracks. */
const MAX_TRACKS = 100
/** Limit of bytes for one track. A film needs about 100 kB. */
const MAX_TRACK_BYTES = 16 * 2 ** 20
const MAX_CUES = 20_000
const MAX_LINES = 8
const MAX_LINE_LENGTH = 500
const MAX_CHAPTERS = 1000
const MAX_TITLE_LENGTH = 200

/** Extracts text subtitles as plain text with times. */
export async function extractCaptions(
  source: string,
  info: MediaInfo,
  directory: string,
  options: RunOptions,
): Promise<{ files: MadeFile[]; notes: StepNote[] }> {
  const tracks = info.tracks.filter(isTextSubtitle).slice(0, MAX_TRACKS)
  if (tracks.length === 0) return { files: [], notes: [] }
  const allAtOnce = await extractTracks(source, tracks, directory, options).then(() => true, ignoreFileFault)
  const files: MadeFile[] = []
  const unread: number[] = []
  for (const track of tracks) {
    // If one track is damaged, each is extracted by itself.
    const extracted =
      allAtOnce ||
      (await extractTracks(source, [track], directory, options).then(() => true, ignoreFileFault))
    const cues = extracted ? await readCues(pathOf(track, directory), track.codec === 'ass') : []
    if (!extracted) unread.push(track.index)
    if (cues.length === 0) continue
    const path = join(directory, `captions-${track.index}.json`)
    await writeFile(path, JSON.stringify(cues))
    const variant = String(track.index)
    files.push({
      kind: 'captions',
      variant,
      path,
      extension: '.json',
      contentType: 'application/json',
      details: {},
    })
  }
  const message = `Some subtitles could not be read: track ${unread.join(', ')}.`
  return { files, notes: unread.length > 0 ? [{ code: 'subtitles_unreadable', message }] : [] }
}

const pathOf = ({ index }: MediaStream, directory: string) => join(directory, `subtitles-${index}.ass`)

async function extractTracks(
  input: string,
  tracks: readonly MediaStream[],
  directory: string,
  options: RunOptions,
): Promise<void> {
  const outputs = tracks.map(track => ({
    map: [`0:${track.index}`],
    subtitles: true,
    // FFmpeg can decode every format to this one, which separates text and style.
    options: ['-c:s', 'ass', '-map_metadata', '-1'],
    format: 'ass',
    path: pathOf(track, directory),
  }))
  await runFfmpeg({ input, outputs, limits: { fileSize: MAX_TRACK_BYTES } }, options)
}

/** Advanced SubStation Alpha: one line for each cue, with nine fields and then the text. */
const DIALOGUE = /^Dialogue: [^,]*,(\d+):(\d\d):(\d\d)\.(\d\d),(\d+):(\d\d):(\d\d)\.(\d\d),(?:[^,]*,){6}(.*)$/

async function readCues(path: string, hasComments: boolean): Promise<StoredCue[]> {
  const cues: StoredCue[] = []
  for (const line of (await readFile(path, 'utf8')).split(/\r?\n/)) {
    const found = DIALOGUE.exec(line)
    if (!found) continue
    const lines = linesOf(found[9]!, hasComments)
    const [start, end] = [timeOf(found.slice(1, 5)), timeOf(found.slice(5, 9))]
    if (lines.length > 0 && end > start) cues.push([start, end, ...lines])
    if (cues.length === MAX_CUES) break
  }
  return cues.sort(([a], [b]) => a - b)
}

/** @returns milliseconds. */
function timeOf(fields: readonly string[]): number {
  const [hours = 0, minutes = 0, seconds = 0, hundredths = 0] = fields.map(Number)
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10
}

/** Characters of a cue that are read, including styles. */
const MAX_CUE_LENGTH = 10_000

/**
 * The text without styles and drawings. No line is empty: an empty line would end a WebVTT cue.
 * @param hasComments whether braces contain comments, as in files of this format. In text from other formats they are text.
 */
function linesOf(text: string, hasComments: boolean): string[] {
  let isDrawing = false
  const shown = text
    .slice(0, MAX_CUE_LENGTH)
    .split(/((?<!\\)\{[^{}]*\})/)
    .filter((part, at) => {
      if (at % 2 === 0) return !isDrawing
      const isStyle = part.startsWith('{\\')
      const drawing = isStyle ? /\\p(\d)/.exec(part) : null
      if (drawing) isDrawing = drawing[1] !== '0'
      return !isStyle && !hasComments
    })
  return shown
    .join('')
    .replaceAll('\\h', ' ')
    .split(/\\[Nn]/)
    .map(line => line.replaceAll(/\\([{}])/g, '$1'))
    .flatMap(line => singleLine(line, MAX_LINE_LENGTH) ?? [])
    .slice(0, MAX_LINES)
}

/** The chapters of a file. Each ends at the next one's start at the latest. */
export function chaptersOf({ chapters, start: begin }: MediaInfo, duration: number | undefined): Chapter[] {
  const last = duration ?? Number.POSITIVE_INFINITY
  const fromStart = (time: string | undefined) => Math.max(0, Number(time) - begin)
  const known = chapters
    .slice(0, MAX_CHAPTERS)
    .map(({ start_time, end_time, tags }) => ({
      start: fromStart(start_time),
      end: fromStart(end_time),
      title: singleLine(tags?.['title'], MAX_TITLE_LENGTH),
    }))
    .filter(({ start, end }) => start < last && end >= start)
    .sort((a, b) => a.start - b.start)
  return known.flatMap(({ start, end, title }, at) => {
    const limit = Math.min(known[at + 1]?.start ?? last, last)
    const until = Math.min(end > start ? end : limit, limit)
    return until > start && Number.isFinite(until)
      ? [{ start, end: until, title: title ?? `Chapter ${at + 1}` }]
      : []
  })
}
