import type { TranscriptSegment } from '../database/schema.ts'

/** Renders segments as WebVTT (W3C, §4.1). Text cannot become markup, a cue or a setting. */
export function renderVtt(segments: readonly TranscriptSegment[]): string {
  const cues = cuesOf(segments).map(
    ({ start, end, text }) => `${timestamp(start, '.')} --> ${timestamp(end, '.')}\n${escapeVtt(text)}\n`,
  )
  return ['WEBVTT\n', ...cues].join('\n')
}

/** Renders segments as SubRip. */
export function renderSrt(segments: readonly TranscriptSegment[]): string {
  return cuesOf(segments)
    .map(
      ({ start, end, text }, index) =>
        `${index + 1}\n${timestamp(start, ',')} --> ${timestamp(end, ',')}\n${escapeSrt(text)}\n`,
    )
    .join('\n')
}

/** In whole milliseconds: a cue must end after it starts (WebVTT §4.1). A line break in its text could begin another. */
function cuesOf(segments: readonly TranscriptSegment[]): TranscriptSegment[] {
  return segments
    .map(({ start, end, text }) => {
      const from = Math.round(start * 1000)
      return {
        start: from,
        end: Math.max(Math.round(end * 1000), from + 1),
        text: text.replace(/\s+/g, ' ').trim(),
      }
    })
    .filter(({ text }) => text !== '')
}

function escapeVtt(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** SubRip has no escapes; players take angle brackets as tags. */
function escapeSrt(text: string): string {
  return text.replaceAll('-->', '→').replaceAll('<', '‹').replaceAll('>', '›')
}

function timestamp(ms: number, separator: string): string {
  const pad = (value: number, width: number) => String(Math.floor(value)).padStart(width, '0')
  return `${pad(ms / 3_600_000, 2)}:${pad((ms / 60_000) % 60, 2)}:${pad((ms / 1000) % 60, 2)}${separator}${pad(ms % 1000, 3)}`
}
