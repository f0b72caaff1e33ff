import { PROBLEM_CODES } from '../base/problem-codes.ts'
import { SKIP_REASONS, STEP_ERRORS } from '../base/step-reasons.ts'
import { STEP_NAMES } from '../database/tables/steps.ts'

/** RFC 9457 problem details, with our stable `code` and, where one input is at fault, its name. */
export const problemSchema = {
  $id: 'Problem',
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', examples: ['about:blank'] },
    title: { type: 'string', examples: ['Not Found'] },
    status: { type: 'integer', examples: [404] },
    code: {
      type: 'string',
      enum: PROBLEM_CODES,
      description: 'Stable name of the problem. Later versions may add names.',
      examples: ['not_found'],
    },
    detail: { type: 'string', examples: ['The video was not found.'] },
    field: { type: 'string', description: 'The input that is at fault.', examples: ['title'] },
    errors: {
      type: 'array',
      description: 'What is wrong with a JSON body, and where: `pointer` is a JSON Pointer (RFC 6901).',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: {
          pointer: { type: 'string', examples: ['/title'] },
          detail: { type: 'string', examples: ['must be string'] },
        },
      },
    },
    step: {
      type: 'string',
      enum: STEP_NAMES,
      description: 'For 404: the step of processing that makes what is absent.',
    },
    reason: {
      type: ['string', 'null'],
      enum: [...SKIP_REASONS, ...STEP_ERRORS, 'uploading', null],
      description:
        'For 404: why that step was skipped, or the code of its error; `uploading` while the video is being uploaded; null while the step is not done yet.',
      examples: ['no_audio'],
    },
    request_id: { type: 'string', description: 'Finds the request in the log.' },
  },
} as const
