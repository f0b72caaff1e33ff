import { PROBLEM_CODES } from '../base/problem-codes.ts'
import { SKIP_REASONS, STEP_ERRORS } from '../base/step-reasons.ts'
import { STEP_NAMES } from '../database/tables/steps.ts'

/** Problem details (RFC 9457) with a stable `code`, and with the name of the invalid input if an input is invalid. */
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
      description: 'A stable name for programs. Later versions may add names.',
      examples: ['not_found'],
    },
    detail: { type: 'string', examples: ['The video was not found.'] },
    field: {
      type: 'string',
      description: 'The name of the invalid parameter, header or member of the body.',
      examples: ['title'],
    },
    errors: {
      type: 'array',
      description: 'The errors in a JSON body. `pointer` is a JSON Pointer (RFC 6901).',
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
      description: 'With status 404: the processing step that creates the missing resource.',
    },
    reason: {
      type: ['string', 'null'],
      enum: [...SKIP_REASONS, ...STEP_ERRORS, 'uploading', null],
      description:
        'With status 404: the reason why that step was skipped, or the code of its error. `uploading` while the video is being uploaded; ' +
        'null while the step is not done yet.',
      examples: ['no_audio'],
    },
    next: {
      type: 'integer',
      description:
        'With the codes `chunks_missing` and `window_exceeded`: the number of the first missing chunk of the recording.',
      examples: [2],
    },
    missing: {
      type: 'array',
      items: { type: 'integer' },
      description:
        'With the codes `chunks_missing` and `window_exceeded`: the numbers of missing chunks, at most 256.',
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
      description: 'With the code `quota_exceeded`: the bytes of the quota that videos in the bin use.',
      examples: [1048576],
    },
    request_id: { type: 'string', description: 'The id of the request in the log.' },
  },
} as const
