import type { SpeechToTextConfig } from '../../src/config/config.ts'

/** Settings for a stand-in, on top of what is given. */
export function speechConfig(
  settings: Partial<SpeechToTextConfig> & { baseUrl: string },
): SpeechToTextConfig {
  return {
    apiKey: 'none',
    model: 'whisper-1',
    maxSeconds: undefined,
    maxBytes: undefined,
    timeout: 60,
    concurrency: 1,
    check: false,
    ...settings,
  }
}
