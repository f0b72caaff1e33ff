import { execFile } from 'node:child_process'
import { createCipheriv, createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, open, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { renderWords, SAMPLE_RATE, type SpokenWord } from './tone-words.ts'

export type Container = 'mp4' | 'mov' | 'webm' | 'mkv' | 'mp3' | 'm4a' | 'ogg' | 'wav'

export interface ClipRecipe {
  readonly container?: Container
  /** Seconds; by default the end of the last word and half a second more, 2 s at least. */
  readonly seconds?: number
  readonly words?: readonly SpokenWord[]
  /** False for audio alone. The containers of audio never have video. */
  readonly video?: boolean
  /** 'words' by default; 'silent' is a stream of digital silence, 'none' no audio stream at all. */
  readonly audio?: 'words' | 'silent' | 'none'
  /** Width and height in pixels, 160x120 by default. */
  readonly size?: `${number}x${number}`
  /** Whether an MP4 or MOV has its index before its media, as players over a network want it: an MP4 has by default, and then plays as it is. */
  readonly faststart?: boolean
}

const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '20']
const VP8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '200k', '-g', '20']
const AAC = ['-c:a', 'aac', '-b:a', '96k', '-ar', '48000']
const OPUS = ['-c:a', 'libopus', '-b:a', '48k', '-ar', '48000']

/** What each container holds: ffmpeg's arguments for its video, its audio and its muxer. */
const FORMATS: Record<Container, { video?: string[]; audio: string[]; muxer: string[] }> = {
  mp4: { video: H264, audio: AAC, muxer: ['-f', 'mp4'] },
  mov: { video: H264, audio: AAC, muxer: ['-f', 'mov'] },
  // A browser's MediaRecorder never seeks back, so its files have neither duration nor cues.
  webm: { video: VP8, audio: OPUS, muxer: ['-f', 'webm', '-live', '1'] },
  mkv: { video: H264, audio: AAC, muxer: ['-f', 'matroska'] },
  mp3: { audio: ['-c:a', 'libmp3lame', '-b:a', '48k'], muxer: ['-f', 'mp3'] },
  m4a: { audio: AAC, muxer: ['-f', 'ipod'] },
  ogg: { audio: OPUS, muxer: ['-f', 'ogg'] },
  wav: { audio: ['-c:a', 'pcm_s16le'], muxer: ['-f', 'wav'] },
}

/**
 * A real media file made by ffmpeg: a moving test picture at 10 frames a second, and words as `hearWords` hears them.
 * Made once, and kept in test/.cache: do not write to it.
 * @returns its path.
 */
export function clip(recipe: ClipRecipe = {}): Promise<string> {
  const { container = 'mp4', words = [], audio = 'words', video = true, size = '160x120' } = recipe
  const lastEnd = Math.max(0, ...words.map(({ start, duration = 0.3 }) => start + duration))
  const { seconds = Math.max(2, lastEnd + 0.5), faststart = container === 'mp4' } = recipe
  const format = FORMATS[container]
  const picture = video && format.video
  if (!picture && audio === 'none') throw new Error(`A ${container} clip without video and audio is nothing`)

  const inputs: string[] = []
  const outputs: string[] = []
  // The words come first: they are on standard input.
  if (audio !== 'none') {
    inputs.push('-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1', '-i', 'pipe:0')
    outputs.push(...format.audio)
  }
  if (picture) {
    inputs.push('-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=10:duration=${seconds}`)
    outputs.push(...picture)
  }
  const muxer = [...(faststart ? ['-movflags', '+faststart'] : []), ...format.muxer]
  const args = [...inputs, ...outputs, '-threads', '1', ...muxer]
  const spoken = audio === 'words' ? words : []
  return cached(container, ['clip', args, spoken, seconds], async path => {
    const pcm = renderWords(spoken, audio === 'none' ? 0 : seconds)
    await ffmpeg([...args, path], new Uint8Array(pcm.buffer))
  })
}

/**
 * An MP4 that cannot be used.
 * 'media': its index is whole, and what the index points to is noise. 'index': cut off before its index (moov).
 */
export async function corruptClip(damaged: 'media' | 'index'): Promise<string> {
  const whole = await clip({ words: [{ word: 'apple', start: 0.5 }], seconds: 5, faststart: false })
  return cached('mp4', ['corrupt', damaged, basename(whole)], async path => {
    await copyFile(whole, path)
    // The media box (mdat) is the one before the index: ffmpeg writes the index last.
    const bytes = await readFile(path)
    const media = bytes.indexOf('mdat') + 4
    const mediaSize = bytes.readUInt32BE(media - 8) - 8
    if (damaged === 'index') return truncate(path, media + mediaSize - 100)
    noise(mediaSize).copy(bytes, media)
    return writeFile(path, bytes)
  })
}

/** Plain text, whatever its extension says. */
export function textFile(extension = 'txt'): Promise<string> {
  return cached(extension, ['text'], path =>
    writeFile(path, 'This is a text, and not a video.\n'.repeat(200)),
  )
}

/**
 * A valid MP4 of exactly `size` bytes, quickly made: a short clip, then a `free` box (ISO/IEC 14496-12 §8.1.2) of
 * bytes that do not repeat, so that any byte lost, doubled or moved changes the hash.
 */
export async function bigClip(size: number, recipe: Omit<ClipRecipe, 'container'> = {}): Promise<string> {
  const small = await clip({ ...recipe, container: 'mp4' })
  return cached('mp4', ['big', size, basename(small)], async path => {
    await copyFile(small, path)
    const padding = size - (await stat(path)).size
    if (padding < 16) throw new Error(`A clip of ${size} bytes is too small: it takes ${size - padding + 16}`)
    const header = Buffer.alloc(16)
    // Size 1 says that a 64-bit size follows the type.
    header.writeUInt32BE(1, 0)
    header.write('free', 4)
    header.writeBigUInt64BE(BigInt(padding), 8)
    const file = await open(path, 'a')
    try {
      await file.write(header)
      const cipher = noiseSource()
      const zeros = Buffer.alloc(2 ** 20)
      for (let left = padding - 16; left > 0; left -= zeros.length) {
        await file.write(cipher.update(zeros.subarray(0, Math.min(left, zeros.length))))
      }
    } finally {
      await file.close()
    }
  })
}

/** The same noise on every machine. */
function noise(size: number): Buffer {
  return noiseSource().update(Buffer.alloc(size))
}

function noiseSource() {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16))
}

const CACHE = join(import.meta.dirname, '..', '.cache')

/** The file that `make` writes for this recipe: made now, or found where it was made before. */
export async function cached(
  extension: string,
  recipe: unknown,
  make: (path: string) => Promise<void>,
): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 24)
  const path = join(CACHE, `${key}.${extension}`)
  if (existsSync(path)) return path
  await mkdir(CACHE, { recursive: true })
  // Test files run side by side: each makes its own, and the last to be renamed stays.
  const temporary = join(CACHE, `${randomUUID()}.${extension}`)
  try {
    await make(temporary)
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
  return path
}

export async function ffmpeg(args: readonly string[], input: Uint8Array = new Uint8Array()): Promise<void> {
  const running = promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args])
  // Where ffmpeg ends early it says why, and the broken pipe says nothing more.
  running.child.stdin?.on('error', () => {}).end(input)
  await running
}
