import { writeFile } from 'node:fs/promises'
import type { ContainerLayout } from '../src/processing/media/container-layout.ts'
import { readMediaInfo } from '../src/processing/media/ffprobe-output.ts'
import type { MediaInfo, MediaStream } from '../src/processing/media/media-info.ts'
import { playbackPlans } from '../src/processing/media/playback-plans.ts'
import { CODECS, REFUSED } from '../src/processing/programs/codecs.ts'
import { CONTAINERS } from '../src/processing/programs/container-names.ts'
import { REFUSED_CONTAINERS } from '../src/processing/programs/refused-containers.ts'
import { isTextSubtitle } from '../src/videos/transcripts/embedded-captions.ts'

/** The file with the tables. */
export const FORMATS_FILE = new URL('../docs/formats.md', import.meta.url)

/** Long enough for all files that browsers play without conversion. */
const DURATION_S = 60

/** The properties of a container that decide how it is played. */
export const LAYOUTS = {
  video: {
    'MP4, index in front': { plays: 'mp4', format: 'mov' },
    'WebM with cues': { plays: 'webm', format: 'matroska' },
    'no container (raw)': { plays: undefined, format: 'h264' },
    'any other': { plays: undefined, format: 'matroska' },
  },
  audio: {
    'MP4, index in front': { plays: 'mp4', format: 'mov' },
    'WebM with cues': { plays: 'webm', format: 'matroska' },
    MP3: { plays: 'mp3', format: 'mp3' },
    FLAC: { plays: 'flac', format: 'flac' },
    WAV: { plays: 'wav', format: 'wav' },
    'any other': { plays: undefined, format: 'ogg' },
  },
} as const satisfies Record<
  'video' | 'audio',
  Record<string, { plays: ContainerLayout['plays']; format: string }>
>

type Facts = Partial<MediaStream>

const HD: Facts = { pixelFormat: 'yuv420p', level: 40, width: 1920, height: 1080, frameRate: 30 }
const H264: Facts = { ...HD, profile: 'High' }
const VP9: Facts = { ...HD, profile: 'Profile 0' }

/** Codecs whose streams are treated differently depending on their properties. */
const KINDS: Readonly<Record<string, Readonly<Record<string, Facts>>>> = {
  h264: {
    'h264 (8 bit, 4:2:0, up to level 5.2)': H264,
    'h264 (10 bit, 4:2:2, 4:4:4)': { ...H264, profile: 'High 10', pixelFormat: 'yuv420p10le' },
    'h264 (interlaced)': { ...H264, interlaced: true },
    'h264 (HDR)': { ...H264, hdr: true },
    'h264 (mirrored, or turned by other than 90°)': { ...H264, mirrored: true },
    'h264 (larger than 4096x2304, or above level 5.2)': { ...H264, width: 7680, height: 4320, level: 60 },
  },
  vp8: { vp8: HD, 'vp8 (turned)': { ...HD, rotation: 90 } },
  vp9: { 'vp9 (8 bit, 4:2:0)': VP9, 'vp9 (10 bit, 4:4:4)': { ...VP9, profile: 'Profile 2' } },
  aac: { 'aac (LC, HE)': { profile: 'LC' }, 'aac (Main, LTP, ELD)': { profile: 'Main' } },
}

const CELLS: Readonly<Record<string, string>> = {
  'source mp4': 'plays as it is',
  'source webm': 'plays as it is',
  'remux mp4': 'remuxed to MP4',
  'remux webm': 'remuxed to WebM',
  'transcode mp4': 'transcoded',
}

/** How a file with this single stream is played. @param layout a name of LAYOUTS. */
export function outcomeOf(kind: 'video' | 'audio', facts: Facts, layout: string): string {
  const layouts: Readonly<Record<string, { plays: ContainerLayout['plays']; format: string }>> = LAYOUTS[kind]
  const { plays, format } = layouts[layout]!
  const [blank] = readMediaInfo({ streams: [{ index: 0, codec_type: kind }] }).tracks
  const stream: MediaStream = { ...blank!, channels: 2, ...facts }
  const info: MediaInfo = {
    ...{ format, brand: undefined, duration: DURATION_S, start: 0, chapters: [] },
    ...{ streams: [stream], tracks: [stream] },
  }
  const [plan] = playbackPlans(info, { plays, indexed: true })
  return CELLS[`${plan!.method} ${plan!.container}`]!
}

/** The rows for one kind of streams: the codecs that are treated alike, and how each container is played. */
function rowsOf(kind: 'video' | 'audio'): string[] {
  const layouts = Object.keys(LAYOUTS[kind])
  const rows = new Map<string, string[]>()
  for (const { codec } of CODECS.filter(each => each.kind === kind)) {
    const plain = kind === 'video' ? { [codec]: HD } : { [codec]: {} }
    for (const [name, facts] of Object.entries<Facts>(KINDS[codec] ?? plain)) {
      const cells = layouts.map(layout => outcomeOf(kind, { codec, ...facts }, layout)).join(' | ')
      rows.set(cells, [...(rows.get(cells) ?? []), name])
    }
  }
  return [
    `| codec | ${layouts.join(' | ')} |`,
    `| --- | ${layouts.map(() => '---').join(' | ')} |`,
    ...[...rows].map(([cells, names]) => `| ${names.join(', ')} | ${cells} |`),
  ]
}

function refusedCodecs(): string[] {
  const all = Object.entries(REFUSED).flatMap(([kind, codecs]) =>
    Object.entries(codecs).map(([codec, why]) => `| ${codec} (${kind}) | ${why} |`),
  )
  return ['| codec | why |', '| --- | --- |', ...all]
}

/** The document, generated from the lists and decisions in the code. */
export function formatsDocument(): string {
  const subtitles = CODECS.filter(({ kind }) => kind === 'subtitle').map(({ codec }) => codec)
  return `# Formats

This page is generated from the code by \`npm run formats\`. Codecs have FFmpeg's names. A file is recognised by its content, never by its
name. All files are decoded in a sandbox.

## Containers

| container | FFmpeg's demuxer |
| --- | --- |
${Object.entries(CONTAINERS)
  .map(([demuxer, name]) => `| ${name} | ${demuxer} |`)
  .join('\n')}

## Video

The container and the video codec decide which file \`/stream\` serves:

- *plays as it is*: the source, if browsers also play its audio in this container (see below);
- *remuxed*: the same video stream in another container; audio that does not fit is encoded again;
- *transcoded*: H.264 and AAC in MP4.

A remuxed file is checked. If it does not play and seek correctly (open GOPs, damage, an edit list that hides a part), the source is transcoded
instead.

${rowsOf('video').join('\n')}

## Audio without video

${rowsOf('audio').join('\n')}

FLAC files shorter than 5 s are transcoded.

## Subtitles

Text subtitles are available as captions: ${subtitles.filter(isText).join(', ')}. Image subtitles are only listed: ${subtitles.filter(codec => !isText(codec)).join(', ')}.

## Not supported

If a codec is not supported, only the step that needs it fails (\`unsupported_codec\`). Codecs that are in no table are rare and not
supported. These are not supported either:

${refusedCodecs().join('\n')}

These files, and all files that are in no table, are refused as \`unsupported_media\`:

| kind | why |
| --- | --- |
${REFUSED_CONTAINERS.map(({ name, why }) => `| ${name} | ${why} |`).join('\n')}
`
}

const isText = (codec: string) => isTextSubtitle({ kind: 'subtitle', codec })

if (import.meta.main) await writeFile(FORMATS_FILE, formatsDocument())
