import type { StepName } from '../database/tables/steps.ts'
import { audio } from './media/audio.ts'
import { playback } from './media/playback.ts'
import { poster } from './media/poster.ts'
import { probe } from './media/probe.ts'
import { withSourceCheck } from './media/source.ts'
import type { SpeechToText } from './speech/speech-to-text.ts'
import { transcribe } from './speech/transcribe.ts'
import type { Step } from './step.ts'

/**
 * The implementation of each step; the compiler checks that none is missing.
 * @param engine undefined if no speech-to-text is configured. @param checkAfterS seconds, see `transcribe`.
 */
export function createSteps(
  engine: SpeechToText | undefined,
  checkAfterS: number,
): Readonly<Record<StepName, Step>> {
  return {
    probe: withSourceCheck(probe),
    playback: withSourceCheck(playback),
    poster: withSourceCheck(poster),
    audio: withSourceCheck(audio),
    transcribe: transcribe(engine, checkAfterS),
  }
}
