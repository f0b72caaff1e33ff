import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { TranscriptSegment } from '../database/schema.ts'
import { StepError } from '../errors.ts'
import { findPiece, keepPiece } from '../videos/transcripts.ts'
import { type ArtifactRow, findArtifact } from '../videos/videos.ts'
import type { AudioDetails } from './audio.ts'
import { cutAudio } from './cut-audio.ts'
import { isSilent, type Piece, planPieces, stitch } from './pieces.ts'
import type { Heard, SpeechToText } from './speech-to-text.ts'
import type { Step, StepContext, StepResult } from './step.ts'

/** Writes down what is said. @param service undefined where none is configured: the step is skipped until one is. */
export function transcribe(service: SpeechToText | undefined): Step {
  return {
    patience: service?.patience ?? 60,
    async run(context) {
      const { db, video } = context
      const audio = await findArtifact(db, video.id, 'audio')
      if (!audio) throw new StepError('audio_missing', 'The extracted audio is gone.', { retryable: false })
      const { duration, silences } = audio.details as unknown as AudioDetails
      if (isSilent(duration, silences)) return { skipped: 'silent' }
      if (!service) return { skipped: 'not_configured' }
      const pieces = planPieces(duration, silences, service.maxSeconds)
      const results: Heard[] = []
      for (const [index, piece] of pieces.entries()) {
        results.push(await hear(context, service, audio, piece, pieces.length === 1))
        context.progress((100 * (index + 1)) / pieces.length)
      }
      return transcriptOf(stitch(pieces, results), results, service.model, video.language, video.sha256)
    },
  }
}

/** The result of one piece; one that was paid for before a crash is not asked for again. */
async function hear(
  context: StepContext,
  service: SpeechToText,
  audio: ArtifactRow,
  piece: Piece,
  whole: boolean,
): Promise<Heard> {
  const { db, video, storage, directory, signal } = context
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([audio.storage_key, service.model, video.language, piece]))
    .digest('hex')
  const kept = await findPiece(db, video.id, fingerprint)
  if (kept) return kept as Heard
  const heard = await storage.withFile(audio.storage_key, async path => {
    if (whole) return service.transcribe(path, video.language, signal)
    const cut = join(directory, 'piece.mp3')
    await cutAudio(path, cut, piece.from, piece.to, { signal })
    return service.transcribe(cut, video.language, signal)
  })
  await keepPiece(db, video.id, fingerprint, heard)
  return heard
}

function transcriptOf(
  segments: TranscriptSegment[],
  results: readonly Heard[],
  model: string,
  declared: string | null,
  sourceHash: string | null,
): StepResult {
  const text = segments.map(segment => segment.text).join(' ')
  if (text === '') return { skipped: 'silent' }
  const language = declared ?? results.find(result => result.language)?.language ?? null
  return { transcript: { language, text, segments, model, source_sha256: sourceHash } }
}
