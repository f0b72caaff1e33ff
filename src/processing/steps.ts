import type { StepName } from '../database/schema.ts'
import { audio } from './media/audio.ts'
import { playback } from './media/playback.ts'
import { poster } from './media/poster.ts'
import { probe } from './media/probe.ts'
import { readsSource } from './media/source.ts'
import type { SpeechToText } from './speech/openai-speech.ts'
import { transcribe } from './speech/transcribe.ts'
import type { Step } from './step.ts'

/** What runs each step; the compiler sees to it that none is missing. @param interval seconds between two looks at the rows. */
export function createSteps(
  service: SpeechToText | undefined,
  interval: number,
): Readonly<Record<StepName, Step>> {
  return {
    probe: readsSource(probe),
    playback: readsSource(playback),
    poster: readsSource(poster),
    audio: readsSource(audio),
    transcribe: transcribe(service, interval),
  }
}
