import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { buffer, text } from 'node:stream/consumers'
import { SAMPLE_RATE } from './tone-words.ts'

/**
 * The first audio stream of a media file as mono PCM at SAMPLE_RATE.
 * @throws Error with ffmpeg's words where nothing can be decoded.
 */
export async function decodeAudio(path: string): Promise<Int16Array> {
  const output = ['-map', '0:a:0', '-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le', 'pipe:1']
  const ffmpeg = spawn('ffmpeg', ['-nostdin', '-v', 'error', '-i', `file:${path}`, ...output], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [pcm, errors, [code]] = await Promise.all([
    buffer(ffmpeg.stdout),
    text(ffmpeg.stderr),
    once(ffmpeg, 'close'),
  ])
  if (code !== 0 || pcm.length < 2) throw new Error(`ffmpeg decoded no audio from ${path}:\n${errors}`)
  return new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1)
}
