import { stripVTControlCharacters } from 'node:util'
import { bytesText, printable } from '../command-line/terminal.ts'
import type { BinnedVideo, ListedVideo, Video } from './client.ts'

/** Prints values as lines of JSON, or as text for people. */
export interface Output {
  readonly json: boolean
}

type Row = readonly string[]

const GAP = '  '
const DEFAULT_WIDTH = 80
const MIN_TITLE_WIDTH = 12

/** Aligned columns at a terminal; otherwise values separated by tabs, which other programs can cut. */
export function table(heading: Row, rows: readonly Row[], wide: number): string {
  const { isTTY, columns = DEFAULT_WIDTH } = process.stdout
  if (!isTTY) return rows.map(row => row.map(cell => cell.replaceAll(/\s+/g, ' ')).join('\t')).join('\n')
  const all = [heading, ...rows]
  const widths = heading.map((_, at) => Math.max(...all.map(row => row[at]!.length)))
  const others = widths.reduce((sum, width, at) => (at === wide ? sum : sum + width + GAP.length), 0)
  widths[wide] = Math.max(MIN_TITLE_WIDTH, Math.min(widths[wide]!, columns - others))
  return all
    .map(row =>
      row
        .map((cell, at) => cut(cell, widths[at]!).padEnd(widths[at]!))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n')
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text
}

export function printList(videos: readonly ListedVideo[], { json }: Output): void {
  if (json) {
    printJson(videos)
    return
  }
  const rows = videos.map(video => [
    video.id,
    stateOf(video),
    timeText(video.duration),
    video.size === null ? '' : bytesText(video.size),
    dayOf(video.created_at),
    oneLine(video.title),
  ])
  print(table(['ID', 'STATUS', 'LENGTH', 'SIZE', 'CREATED', 'TITLE'], rows, 5))
}

/** Prints the results of a search; at a terminal, with the moments of each video. */
export function printFound(videos: readonly ListedVideo[], output: Output): void {
  if (output.json || !process.stdout.isTTY) {
    printList(videos, output)
    return
  }
  for (const video of videos) {
    print(`${video.id}${GAP}${oneLine(video.title)}`)
    for (const { start, snippet } of video.moments ?? [])
      print(`${GAP}${timeText(start).padStart(7)}${GAP}${oneLine(snippet.map(({ text }) => text).join(''))}`)
  }
}

export function printBin(videos: readonly BinnedVideo[], { json }: Output): void {
  if (json) {
    printJson(videos)
    return
  }
  const rows = videos.map(video => [
    video.id,
    dayOf(video.deleted_at),
    dayOf(video.permanent_at),
    bytesText(video.size),
    oneLine(video.title),
  ])
  print(table(['ID', 'DELETED', 'GONE FOR GOOD', 'SIZE', 'TITLE'], rows, 4))
}

export function printVideo(video: Video, server: string, { json }: Output): void {
  if (json) {
    printJson([video])
    return
  }
  const facts: [string, string | null | undefined | false][] = [
    ['Title', oneLine(video.title)],
    ['Status', video.error ? `${video.status}: ${video.error.message}` : stateOf(video)],
    ['Description', oneLine(video.description)],
    ['Tags', video.tags.join(', ')],
    ['Length', timeText(video.duration)],
    ['Size', video.size !== null && bytesText(video.size)],
    ['Picture', video.width !== null && `${video.width} × ${video.height}, ${video.video_codec}`],
    ['Audio', video.audio_codec],
    ['Language', video.language],
    ['File', video.filename],
    ['Created', video.created_at],
    ['Page', `${server}/watch/${video.id}`],
    ...video.steps.map((step): [string, string] => [step.name, stepText(step)]),
  ]
  for (const [name, value] of facts) if (value) print(`${`${name}:`.padEnd(13)}${value}`)
}

function stepText({ state, progress, reason, error }: Video['steps'][number]): string {
  const why = error ? `: ${error.message}` : reason ? ` (${reason})` : ''
  return state === 'running' ? `running, ${progress} %` : `${state}${why}`
}

/** The state, with the steps that failed. */
function stateOf({ status, steps }: ListedVideo | Video): string {
  const failed = steps.filter(({ state }) => state === 'failed').map(({ name }) => name)
  return status === 'ready' && failed.length > 0 ? `ready, no ${failed.join(', ')}` : status
}

export function printJson(values: readonly object[]): void {
  for (const value of values) process.stdout.write(`${JSON.stringify(value)}\n`)
}

export function print(text: string): void {
  if (text) process.stdout.write(`${printable(text)}\n`)
}

function oneLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\s+/g, ' ').trim()
}

function timeText(seconds: number | null): string {
  if (seconds === null) return ''
  const whole = Math.round(seconds)
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const pad = (part: number) => String(part).padStart(2, '0')
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`
}

function dayOf(time: string): string {
  return time.slice(0, 10)
}
