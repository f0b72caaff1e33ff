import type { StepName } from '../database/tables/steps.ts'
import { audio } from './media/audio.ts'
import { playback } from './media/playback.ts'
import { poster } from './media/poster.ts'
import { probe } from './media/probe.ts'
import { readsSource } from './media/source.ts'
import type { SpeechToText } from './speech/speech-to-text.ts'
import { transcribe } from './speech/transcribe.ts'
import type { Step } from './step.ts'

/**
 * The implementation of each step; the compiler checks that none is missing.
 * @param engine undefined if no speech-to-text is configured. @param checkAfterS see `transcribe`.
 */
export function createSteps(
  engine: SpeechToText | undefined,
  checkAfterS: number,
): Readonly<Record<StepName, Step>> {
  return {
    probe: readsSource(probe),
    playback: readsSource(playback),
    poster: readsSource(poster),
    audio: readsSource(audio),
    transcribe: transcribe(engine, checkAfterS),
  }
}
