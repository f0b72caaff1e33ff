import { renderSrt, renderVtt } from './captions.ts'
import { retime, withKnownWords } from './retime.ts'

/** What can take seconds for the longest texts. Pure functions, whose arguments and results can be copied to another thread. */
export const TEXT_WORK = { retime, withKnownWords, renderVtt, renderSrt } as const

export type TextWork = typeof TEXT_WORK
