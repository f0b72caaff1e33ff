import type { Step } from '../api/types.ts'
import { mark, say } from '../locale/say.ts'

type Reason = NonNullable<Step['reason']>
type ErrorCode = NonNullable<Step['error']>['code']

/** Texts for why a step was skipped. */
const REASONS: Readonly<Record<Reason, string>> = {
  no_audio: mark('The video has no sound'),
  no_video: mark('The video has no picture'),
  silent: mark('No speech was found'),
  too_short: mark('The video is too short for speech'),
  not_configured: mark('Not set up on this server'),
  probe_failed: mark('The file could not be checked'),
  playback_failed: mark('The video could not be made playable'),
  poster_failed: mark('No pictures could be made'),
  audio_failed: mark('The sound could not be extracted'),
  transcribe_failed: mark('The transcript could not be written'),
  partial: mark('Parts of the sound could not be transcribed'),
}

/** Texts for why a step failed. */
const FAILURES: Readonly<Record<ErrorCode, string>> = {
  unsupported_media: mark('This is not a video or audio file that can be read.'),
  unsupported_codec: mark('The video or sound is in a format that cannot be decoded.'),
  source_missing: mark('The uploaded file is missing on the server.'),
  source_damaged: mark('The uploaded file was damaged on the server.'),
  undecodable: mark('The file is damaged, or its format cannot be decoded.'),
  rendition_differs: mark(
    'No version could be made that plays like the original. Download the original instead.',
  ),
  too_much: mark('This file needs far too much time or memory.'),
  killed: mark('The processing was ended from outside. Try again.'),
  stalled: mark('The processing made no more progress. Try again.'),
  worker_lost: mark('The server stopped during the processing, more than once. Try again.'),
  storage_full: mark('The server has no space left. Try again when there is space.'),
  storage_unusable: mark('The server cannot write its files. Processing continues when that is fixed.'),
  out_of_memory: mark('The server has no memory left. Try again later.'),
  out_of_processes: mark('The server runs too many programs. Try again later.'),
  database_unavailable: mark('The server cannot reach its database. Try again later.'),
  sandbox_failed: mark('The server could not start its media programs safely.'),
  ffmpeg_broken: mark('ffmpeg does not work on the server.'),
  ffmpeg_missing: mark('ffmpeg is not installed on the server.'),
  audio_missing: mark('The extracted sound is missing. Extract it again.'),
  speech_to_text_misconfigured: mark('Speech-to-text is not set up correctly on this server.'),
  speech_to_text_refused: mark('The speech-to-text service refused the sound.'),
  speech_to_text_unavailable: mark('The speech-to-text service does not respond. Try again later.'),
  speech_model_unavailable: mark('The speech model is not on the server yet.'),
  internal: mark('Something went wrong on the server. Try again.'),
}

/** Why a step was skipped; undefined if it was not. A newer server can send reasons that this page does not know. */
export function skipText({ state, reason }: Step): string | undefined {
  if (state !== 'skipped') return undefined
  return say((reason && REASONS[reason]) ?? mark('Skipped'))
}

/** Why a step failed. A newer server can send codes that this page does not know; then its own message is shown. */
export function failureText({ code, message }: NonNullable<Step['error']>): string {
  return code in FAILURES ? say(FAILURES[code]) : message
}
