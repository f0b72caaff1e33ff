import type { Step } from '../api/types.ts'

type Reason = NonNullable<Step['reason']>
type ErrorCode = NonNullable<Step['error']>['code']

/** Texts for why a step was skipped. */
const REASONS: Readonly<Record<Reason, string>> = {
  no_audio: 'The video has no sound',
  no_video: 'The video has no picture',
  silent: 'No speech was found',
  too_short: 'The video is too short for speech',
  not_configured: 'Not set up on this server',
  probe_failed: 'The file could not be checked',
  playback_failed: 'The video could not be made playable',
  poster_failed: 'No pictures could be made',
  audio_failed: 'The sound could not be extracted',
  transcribe_failed: 'The transcript could not be written',
  partial: 'Parts of the sound could not be transcribed',
}

/** Texts for why a step failed. */
const FAILURES: Readonly<Record<ErrorCode, string>> = {
  unsupported_media: 'This is not a video or audio file that can be read.',
  unsupported_codec: 'The video or sound is in a format that cannot be decoded.',
  source_missing: 'The uploaded file is missing on the server.',
  source_damaged: 'The uploaded file was damaged on the server.',
  undecodable: 'The file is damaged, or its format cannot be decoded.',
  rendition_differs: 'No version could be made that plays like the original. Download the original instead.',
  too_much: 'This file needs far too much time or memory.',
  killed: 'The processing was ended from outside. Try again.',
  stalled: 'The processing made no more progress. Try again.',
  worker_lost: 'The server stopped during the processing, more than once. Try again.',
  storage_full: 'The server has no space left. Try again when there is space.',
  storage_unusable: 'The server cannot write its files. Processing continues when that is fixed.',
  out_of_memory: 'The server has no memory left. Try again later.',
  out_of_processes: 'The server runs too many programs. Try again later.',
  database_unavailable: 'The server cannot reach its database. Try again later.',
  sandbox_failed: 'The server could not start its media programs safely.',
  ffmpeg_broken: 'ffmpeg does not work on the server.',
  ffmpeg_missing: 'ffmpeg is not installed on the server.',
  audio_missing: 'The extracted sound is missing. Extract it again.',
  speech_to_text_misconfigured: 'Speech-to-text is not set up correctly on this server.',
  speech_to_text_refused: 'The speech-to-text service refused the sound.',
  speech_to_text_unavailable: 'The speech-to-text service does not respond. Try again later.',
  speech_model_unavailable: 'The speech model is not on the server yet.',
  internal: 'Something went wrong on the server. Try again.',
}

/** Why a step was skipped; undefined if it was not. A newer server can send reasons that this page does not know. */
export function skipText({ state, reason }: Step): string | undefined {
  if (state !== 'skipped') return undefined
  return (reason && REASONS[reason]) ?? 'Skipped'
}

/** Why a step failed. A newer server can send codes that this page does not know; then its own message is shown. */
export function failureText({ code, message }: NonNullable<Step['error']>): string {
  return FAILURES[code] ?? message
}
