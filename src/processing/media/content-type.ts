import type { MediaInfo } from './media-info.ts'

/** Media types by demuxer, for video and for audio alone. */
const TYPES: Readonly<Record<string, readonly [video: string, audio: string]>> = {
  mov: ['video/mp4', 'audio/mp4'],
  matroska: ['video/x-matroska', 'audio/x-matroska'],
  avi: ['video/x-msvideo', 'video/x-msvideo'],
  mpegts: ['video/mp2t', 'video/mp2t'],
  mpeg: ['video/mpeg', 'video/mpeg'],
  flv: ['video/x-flv', 'video/x-flv'],
  asf: ['video/x-ms-wmv', 'audio/x-ms-wma'],
  ogg: ['video/ogg', 'audio/ogg'],
  wav: ['audio/wav', 'audio/wav'],
  mp3: ['audio/mpeg', 'audio/mpeg'],
  aac: ['audio/aac', 'audio/aac'],
  flac: ['audio/flac', 'audio/flac'],
  gif: ['image/gif', 'image/gif'],
  apng: ['image/apng', 'image/apng'],
  mpegvideo: ['video/mpeg', 'video/mpeg'],
}

const WEBM_CODECS = ['vp8', 'vp9', 'av1', 'opus', 'vorbis']

export function contentType(info: MediaInfo): string {
  const demuxer = info.format.split(',')[0] ?? ''
  const kind = info.streams.some(stream => stream.kind === 'video') ? 0 : 1
  if (demuxer === 'mov' && info.brand?.trim() === 'qt') return 'video/quicktime'
  if (demuxer === 'matroska' && info.streams.every(stream => WEBM_CODECS.includes(stream.codec))) {
    return kind === 0 ? 'video/webm' : 'audio/webm'
  }
  return TYPES[demuxer]?.[kind] ?? 'application/octet-stream'
}

/** The usual name of the container. One demuxer of FFmpeg can read several. */
export function containerName(info: MediaInfo): string {
  const type = contentType(info)
  const [demuxer = ''] = info.format.split(',')
  if (demuxer === 'mov') return type === 'video/quicktime' ? 'mov' : 'mp4'
  return demuxer === 'matroska' && type.endsWith('webm') ? 'webm' : demuxer
}
