import { readFile } from 'node:fs/promises'
import { findArtifact } from '../../videos/catalogue/artifacts.ts'
import { type AudioBlocks, BlockHasher } from '../media/audio-blocks.ts'
import { SPEECH_RATE_HZ } from '../media/speech-mix.ts'
import type { RunOptions } from '../programs/ffmpeg.ts'
import { runFfmpeg } from '../programs/ffmpeg.ts'
import type { StepContext } from '../step.ts'

/**
 * The hashes of a video's sound. Audio that was extracted by an older version comes without them: its own samples are hashed then.
 * @param path of the extracted audio.
 * @returns undefined if the audio is silent.
 */
export async function readBlocks(
  { db, video, storage, signal }: StepContext,
  path: string,
): Promise<AudioBlocks | undefined> {
  const stored = await findArtifact(db, video.id, 'audio_blocks')
  if (!stored) return hashExtracted(path, { signal })
  const text = await storage.withFile(stored.storage_key, file => readFile(file, 'utf8'))
  return JSON.parse(text) as AudioBlocks
}

async function hashExtracted(input: string, options: RunOptions): Promise<AudioBlocks | undefined> {
  const blocks = new BlockHasher([{ index: 0, sampleRate: SPEECH_RATE_HZ, channels: 1 }])
  await runFfmpeg(
    { input, complexFilters: blocks.graph, outputs: [blocks.output], onOutput: bytes => blocks.add(bytes) },
    options,
  )
  return blocks.finish()
}
