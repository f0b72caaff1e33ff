/** Why a step was skipped; `…_failed` names the step that it waited for. The page has a sentence for each. */
export const SKIP_REASONS = [
  'no_audio',
  'no_video',
  'silent',
  'too_short',
  'not_configured',
  'probe_failed',
  'playback_failed',
  'poster_failed',
  'audio_failed',
  'transcribe_failed',
] as const
export type SkipReason = (typeof SKIP_REASONS)[number]
/** Why a step was skipped; `partial` if it is done except for a part that failed. */
export type StepReason = SkipReason | 'partial'

/** Why an attempt at a step failed. The page has a sentence for each. */
export const STEP_ERRORS = [
  'unsupported_media',
  'source_missing',
  'source_damaged',
  'undecodable',
  'unsupported_codec',
  'rendition_differs',
  'too_much',
  'killed',
  'stalled',
  'worker_lost',
  'storage_full',
  'storage_unusable',
  'out_of_memory',
  'out_of_processes',
  'database_unavailable',
  'sandbox_failed',
  'ffmpeg_missing',
  'ffmpeg_broken',
  'audio_missing',
  'speech_to_text_misconfigured',
  'speech_to_text_refused',
  'speech_to_text_unavailable',
  'speech_model_unavailable',
  'internal',
] as const
export type StepErrorCode = (typeof STEP_ERRORS)[number]

/** A property of the file that its owner should know. */
export const NOTE_CODES = [
  'ends_early',
  'unsupported_codec',
  'dolby_vision_5',
  'subtitles_unreadable',
  'damaged_picture',
  'damaged_sound',
  'undecodable_picture',
  'undecodable_sound',
  'not_tone_mapped',
] as const
export type NoteCode = (typeof NOTE_CODES)[number]
