import { ApiError } from '../../base/errors.ts'
import { MAX_TRANSCRIPT_LENGTH } from '../../base/limits.ts'
import { validateText } from '../../base/texts.ts'
import type { TranscriptSegment } from '../../database/tables/transcripts.ts'
import type { FromSchema } from '../schema-types.ts'
import { type editSchema, MAX_SEGMENT_TEXT_LENGTH, MAX_SPEAKER_LENGTH } from './transcript-view.ts'

/** Validates and trims the segments of an edit. @throws ApiError 400 that names the segment and its field. */
export function checkedSegments(segments: FromSchema<typeof editSchema>['segments']): TranscriptSegment[] {
  let [before, characters] = [0, 0]
  return segments.map(({ start, end, text, speaker }, index) => {
    const fail = (field: string, problem: string): never => {
      const name = `segments.${index}.${field}`
      throw new ApiError(400, 'invalid_request', `${name} ${problem}.`, name)
    }
    if (start < before) fail('start', 'is before the start of the previous segment')
    if (end < start) fail('end', 'is before its start')
    if (text.trim() === '') fail('text', 'is blank')
    validateText(`segments.${index}.text`, text, MAX_SEGMENT_TEXT_LENGTH)
    if (speaker) validateText(`segments.${index}.speaker`, speaker, MAX_SPEAKER_LENGTH)
    before = start
    characters += text.length + 1
    if (characters > MAX_TRANSCRIPT_LENGTH)
      fail('text', `makes the transcript longer than ${MAX_TRANSCRIPT_LENGTH} characters`)
    return { start, end, text: text.trim(), ...(speaker?.trim() && { speaker: speaker.trim() }) }
  })
}
