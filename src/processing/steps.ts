import type { StepName } from '../database/schema.ts'
import { audio } from './audio.ts'
import { playback } from './playback.ts'
import { poster } from './poster.ts'
import { probe } from './probe.ts'
import { readsSource } from './source.ts'
import type { SpeechToText } from './speech-to-text.ts'
import type { Step } from './step.ts'
import { transcribe } from './transcribe.ts'

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
