import type { Service } from '../../support/service.ts'
import type { SpeechServer } from '../../support/speech-server.ts'

/** A service whose videos are transcribed, and the speech-to-text service that it asks. */
export interface Transcribing {
  readonly service: Service
  readonly speech: SpeechServer
}

/** What the speech-to-text service demands. */
export const KEY = 'sk-the-right-key'
