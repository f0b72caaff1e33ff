import type { SpeechToTextConfig } from '../config.ts'
import type { StepName } from '../database/schema.ts'
import { audio } from './audio.ts'
import { playback } from './playback.ts'
import { poster } from './poster.ts'
import { probe } from './probe.ts'
import { SpeechToText } from './speech-to-text.ts'
import type { Step } from './step.ts'
import { transcribe } from './transcribe.ts'

/** What runs each step; the compiler sees to it that none is missing. */
export function createSteps(speechToText: SpeechToTextConfig | undefined): Readonly<Record<StepName, Step>> {
  return {
    probe,
    playback,
    poster,
    audio,
    transcribe: transcribe(speechToText && new SpeechToText(speechToText)),
  }
}
