import { PROBLEM_CODES } from '../base/problem-codes.ts'
import { SKIP_REASONS, STEP_ERRORS } from '../base/step-reasons.ts'
import { STEP_NAMES } from '../database/tables/steps.ts'

/** RFC 9457 problem details, with a stable `code` and the name of the invalid input, if there is one. */
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
    field: { type: 'string', description: 'The invalid input.', examples: ['title'] },
    errors: {
      type: 'array',
      description: 'Errors in a JSON body. `pointer` is a JSON Pointer (RFC 6901).',
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
      description: 'With 404: the processing step that makes the missing resource.',
    },
    reason: {
      type: ['string', 'null'],
      enum: [...SKIP_REASONS, ...STEP_ERRORS, 'uploading', null],
      description:
        'With 404: why that step was skipped, or the code of its error; `uploading` while the video is being uploaded; null while the step is not done yet.',
      examples: ['no_audio'],
    },
    next: {
      type: 'integer',
      description:
        'With the codes `chunks_missing` and `window_exceeded`: number of the first missing chunk of the recording.',
      examples: [2],
    },
    missing: {
      type: 'array',
      items: { type: 'integer' },
      description: 'With the same codes: numbers of missing chunks, at most 256.',
      examples: [[2]],
    },
    'expected-offset': {
      type: 'integer',
      description: 'With the code `offset_conflict`, in the IETF protocol: the offset of the upload.',
      examples: [1048576],
    },
    'provided-offset': {
      type: 'integer',
      description: 'With the code `offset_conflict`, in the IETF protocol: the offset of the request.',
      examples: [524288],
    },
    bin_bytes: {
      type: 'integer',
      description: 'With the code `quota_exceeded`: bytes of the quota that videos in the bin use.',
      examples: [1048576],
    },
    request_id: { type: 'string', description: 'Id of the request in the log.' },
  },
} as const
