import type { Logger } from 'pino'
import { StepError, StepPostponed } from '../../base/errors.ts'
import { findArtifact } from '../../videos/catalogue/artifacts.ts'
import { pauseStep } from '../../videos/pipeline/pauses.ts'
import { dropOldestChunks } from '../../videos/transcripts/transcript-chunks.ts'
import type { AudioDetails } from '../media/audio.ts'
import { hashOfBlocks } from '../media/audio-blocks.ts'
import type { Step, StepContext, StepResult } from '../step.ts'
import { type Chunk, isSilent, MIN_AUDIO_S, planChunks, withoutSilentEnds } from './audio-chunks.ts'
import { buildTranscript } from './build-transcript.ts'
import { readBlocks } from './chunk-hashes.ts'
import { detectLanguage } from './detect-language.ts'
import { KeptResults } from './kept-results.ts'
import { isMisconfigured, isPausing, type SpeechToText } from './speech-to-text.ts'
import { transcribeChunks } from './transcribe-chunks.ts'

/** Without an engine, the step reads one row. */
const IDLE_TIMEOUT_S = 60

/**
 * The step that makes the transcript.
 * @param engine undefined if none is configured: the step is skipped until one is.
 * @param checkAfterS seconds until the first check whether a misconfigured engine works again.
 */
export function transcribe(engine: SpeechToText | undefined, checkAfterS: number): Step {
  return {
    stallTimeoutS: engine?.callTimeoutS ?? IDLE_TIMEOUT_S,
    async run(context) {
      const { db, video, storage, log } = context
      const audio = await findArtifact(db, video.id, 'audio')
      if (!audio) {
        throw new StepError('audio_missing', 'The extracted audio is missing.', { retryable: false })
      }
      const { duration, silences } = audio.details as unknown as AudioDetails
      if (duration < MIN_AUDIO_S) return { skipped: 'too_short' }
      if (isSilent(duration, silences)) return { skipped: 'silent' }
      if (!engine) return { skipped: 'not_configured' }
      try {
        const reason = await engine.unready()
        if (reason) throw reason
        return await storage.withFile(audio.storage_key, path =>
          transcribeAudio(context, engine, { path, duration, silences }),
        )
      } catch (error) {
        if (!isPausing(error)) throw error
        // A service is given time to recover; a model can be fetched at once.
        const waitS = isMisconfigured(error) ? checkAfterS : 0
        if (await pauseStep(db, 'transcribe', error, waitS)) logPause(log, error)
        throw new StepPostponed(error.code, error.message)
      }
    },
  }
}

export function logPause(log: Logger, error: Error): void {
  // A new installation prepares its model first, which is no fault.
  const level = isMisconfigured(error) ? 'error' : 'warn'
  log[level]({ error: error.message }, 'transcription is paused')
}

interface ExtractedAudio extends AudioDetails {
  readonly path: string
}

/** @throws StepError if no chunk has a result, or if another attempt can get a missing one. */
async function transcribeAudio(
  context: StepContext,
  engine: SpeechToText,
  { path, duration, silences }: ExtractedAudio,
): Promise<StepResult> {
  const { db, video, signal, lastAttempt, progress } = context
  const blocks = await readBlocks(context, path)
  if (!blocks) return { skipped: 'silent' }
  const plan = planChunks(duration, silences, engine.maxSeconds, blocks.origin, engine.minSeconds)
  const chunks = withoutSilentEnds(plan, silences, blocks.origin)
  const results = new KeptResults(context, engine, path)
  const transcribeOne = (chunk: Chunk, chunkLanguage: string | null, ownSignal: AbortSignal) => {
    const hash = hashOfBlocks(blocks, chunk.from, chunk.to)
    return results.transcribe(chunk, { hash, language: chunkLanguage }, ownSignal)
  }
  const language =
    video.language ??
    (engine.detectsPerFile ? await detectLanguage(chunks, chunk => transcribeOne(chunk, null, signal)) : null)
  const outcomes = await transcribeChunks(chunks, {
    concurrency: engine.concurrency,
    signal,
    transcribe: (chunk, ownSignal) => transcribeOne(chunk, language, ownSignal),
    onProgress: progress,
  })
  await dropOldestChunks(db, video.id)
  const failures = outcomes.filter(outcome => outcome instanceof StepError)
  const transient = failures.find(failure => failure.retryable)
  if (transient && !lastAttempt) throw transient
  if (failures.length > 0 && failures.length === outcomes.length) throw transient ?? failures[0]
  return buildTranscript({ video, engine, duration, silences, chunks, outcomes })
}
