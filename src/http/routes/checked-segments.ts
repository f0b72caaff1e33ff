import { ApiError } from '../../base/errors.ts'
import { validateText } from '../../base/texts.ts'
import type { TranscriptSegment } from '../../database/tables/transcripts.ts'
import type { FromSchema } from '../schema-types.ts'
import { type editSchema, MAX_SEGMENT_TEXT_LENGTH, MAX_SPEAKER_LENGTH } from './transcript-view.ts'

/** Characters of all segments together, as many as of a text that is edited as a whole. */
const MAX_CHARACTERS = 2_000_000

/** The segments of an edit, trimmed. @throws ApiError 400 that names the segment and its field. */
export function checkedSegments(segments: FromSchema<typeof editSchema>['segments']): TranscriptSegment[] {
  let [before, characters] = [0, 0]
  return segments.map(({ start, end, text, speaker }, index) => {
    const refuse = (field: string, problem: string): never => {
      const name = `segments.${index}.${field}`
      throw new ApiError(400, 'invalid_request', `${name} ${problem}.`, name)
    }
    if (start < before) refuse('start', 'is before the start of the previous segment')
    if (end < start) refuse('end', 'is before its start')
    if (text.trim() === '') refuse('text', 'is blank')
    validateText(`segments.${index}.text`, text, MAX_SEGMENT_TEXT_LENGTH)
    if (speaker) validateText(`segments.${index}.speaker`, speaker, MAX_SPEAKER_LENGTH)
    before = start
    characters += text.length + 1
    if (characters > MAX_CHARACTERS)
      refuse('text', `makes the transcript longer than ${MAX_CHARACTERS} characters`)
    return { start, end, text: text.trim(), ...(speaker?.trim() && { speaker: speaker.trim() }) }
  })
}
