import type { StreamFacts } from '../../database/tables/videos.ts'
import { type Cue, cuesToSrt, cuesToVtt } from './captions.ts'

/** Codecs of text subtitles. All other subtitle codecs store images. */
export const TEXT_SUBTITLES: readonly string[] = ['subrip', 'ass', 'mov_text', 'webvtt', 'text', 'eia_608']

export function isTextSubtitle({ kind, codec }: Pick<StreamFacts, 'kind' | 'codec'>): boolean {
  return kind === 'subtitle' && TEXT_SUBTITLES.includes(codec)
}

/** A subtitle of the source as it is stored: start and end in milliseconds, and lines of plain text. */
export type StoredCue = readonly [start: number, end: number, ...lines: string[]]

const asCues = (cues: readonly StoredCue[]) =>
  cues.map(([start, end, ...lines]): Cue => ({ start, end, lines }))

export const EMBEDDED_FORMATS = {
  vtt: { contentType: 'text/vtt', render: (cues: readonly StoredCue[]) => cuesToVtt(asCues(cues)) },
  srt: {
    contentType: 'application/x-subrip',
    render: (cues: readonly StoredCue[]) => cuesToSrt(asCues(cues)),
  },
} as const

/** A named part of a video. Times are seconds. */
export interface Chapter {
  readonly start: number
  readonly end: number
  readonly title: string
}

/** Renders chapters as WebVTT (W3C, §5): one cue per chapter, without overlap. */
export function chaptersToVtt(chapters: readonly Chapter[]): string {
  const ms = (seconds: number) => Math.round(seconds * 1000)
  return cuesToVtt(
    chapters.map(({ start, end, title }) => ({ start: ms(start), end: ms(end), lines: [title] })),
  )
}
