import { renderSrt, renderVtt } from './captions.ts'
import { retime, withKnownWords } from './retime.ts'

/** Functions that can take seconds for the longest texts. They are pure, and their arguments and results can be copied between threads. */
export const TEXT_WORK = { retime, withKnownWords, renderVtt, renderSrt } as const

export type TextWork = typeof TEXT_WORK
