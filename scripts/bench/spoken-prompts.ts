// Real speech in five languages, with its texts: announcements of a telephone system, read by professional speakers, from the Debian packages
// asterisk-core-sounds. English, Spanish and French: CC BY-SA 3.0; Italian and Russian: CC BY 3.0.
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

export const PROMPT_LANGUAGES = ['en', 'es', 'fr', 'it', 'ru'] as const

/** Announcements one after the other, as long as a chunk of the service. */
export interface PromptChunk {
  readonly path: string
  readonly seconds: number
  readonly text: string
}

const RATE_HZ = 16_000
const BYTES_PER_SAMPLE = 2
/** Shorter announcements are single words. */
const MIN_WORD_COUNT = 5
const MIN_CHUNK_S = 18
const MAX_CHUNK_S = 28
const PAUSE_S = 0.6
const CHUNK_COUNT = 14

/** @param count of chunks. @returns undefined if this machine has no Debian packages. */
export function fetchPrompts(
  language: string,
  directory: string,
  count = CHUNK_COUNT,
): PromptChunk[] | undefined {
  const place = join(directory, `prompts-${language}`)
  const packages = [`asterisk-core-sounds-${language}`, `asterisk-core-sounds-${language}-g722`]
  mkdirSync(place, { recursive: true })
  try {
    execFileSync('apt-get', ['download', '-qq', ...packages], { cwd: place, stdio: 'ignore' })
    for (const file of globSync('*.deb', { cwd: place }))
      execFileSync('dpkg-deb', ['-x', file, '.'], { cwd: place })
  } catch {
    return undefined
  }
  const [texts] = globSync('usr/share/doc/*/core-sounds-*.txt.gz', { cwd: place })
  const [sounds] = globSync('usr/share/asterisk/sounds/*', { cwd: place })
  const lines = gunzipSync(readFileSync(join(place, texts!)))
    .toString()
    .split('\n')
  const prompts = lines.flatMap(line => {
    const [, name = '', text = ''] = /^([\w-]+): *(.+?)\s*$/.exec(line) ?? []
    const path = join(place, sounds!, `${name}.g722`)
    const isUsable =
      text.split(' ').length >= MIN_WORD_COUNT && !/[\d[\]<>*#/]/.test(text) && existsSync(path)
    return isUsable ? [{ text, path }] : []
  })
  return joinPrompts(prompts, place, count)
}

function decode(path: string): Buffer {
  const output = ['-ac', '1', '-ar', String(RATE_HZ), '-f', 's16le', '-']
  return execFileSync('ffmpeg', ['-v', 'error', '-f', 'g722', '-i', path, ...output], { maxBuffer: 2 ** 26 })
}

function joinPrompts(
  prompts: readonly { text: string; path: string }[],
  directory: string,
  count: number,
): PromptChunk[] {
  const chunks: PromptChunk[] = []
  const pause = Buffer.alloc(PAUSE_S * RATE_HZ * BYTES_PER_SAMPLE)
  let [parts, texts, seconds]: [Buffer[], string[], number] = [[], [], 0]
  for (const { text, path: prompt } of prompts) {
    const samples = decode(prompt)
    const added = samples.length / RATE_HZ / BYTES_PER_SAMPLE + PAUSE_S
    if (seconds + added > MAX_CHUNK_S) continue
    parts.push(samples, pause)
    texts.push(text)
    seconds += added
    if (seconds < MIN_CHUNK_S) continue
    const path = join(directory, `chunk-${chunks.length}.wav`)
    writeWave(path, Buffer.concat(parts))
    chunks.push({ path, seconds, text: texts.join(' ') })
    if (chunks.length === count) break
    ;[parts, texts, seconds] = [[], [], 0]
  }
  return chunks
}

function writeWave(path: string, samples: Buffer): void {
  const raw = `${path}.raw`
  writeFileSync(raw, samples)
  const input = ['-f', 's16le', '-ar', String(RATE_HZ), '-ac', '1', '-i', raw]
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...input, '-c:a', 'pcm_s16le', path])
}
