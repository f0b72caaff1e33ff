import { type RunOptions, runFfmpeg } from './ffmpeg.ts'

/** Below this level, in dB of full scale, audio counts as silence. */
const SILENCE_LEVEL = -50
/** The shortest silence that is noted, in seconds. */
const SILENCE_LENGTH = 0.3

/** A stretch of silence, in seconds from the start. */
export type Silence = readonly [start: number, end: number]

/**
 * Extracts the first audio stream as mono 16 kHz MP3, in step with the video: a late start and gaps become silence.
 * @returns the silences in it, in order.
 */
export async function extractAudio(input: string, output: string, options: RunOptions): Promise<Silence[]> {
  const speech = {
    map: ['0:a:0'],
    audioFilters: [
      'aresample=16000:async=1:first_pts=0',
      `silencedetect=noise=${SILENCE_LEVEL}dB:duration=${SILENCE_LENGTH}`,
    ],
    options: ['-ac', '1', '-ar', '16000', '-c:a', 'libmp3lame', '-b:a', '48k', '-map_metadata', '-1'],
    format: 'mp3',
    path: output,
  }
  const { lines } = await runFfmpeg({ input, outputs: [speech] }, options)
  return readSilences(lines)
}

function readSilences(lines: readonly string[]): Silence[] {
  const silences: [number, number][] = []
  for (const line of lines) {
    const start = /silence_start: (-?[\d.]+)/.exec(line)
    const end = /silence_end: (-?[\d.]+)/.exec(line)
    if (start) silences.push([Math.max(0, Number(start[1])), Number.POSITIVE_INFINITY])
    const last = silences.at(-1)
    if (end && last) last[1] = Number(end[1])
  }
  return silences
}
