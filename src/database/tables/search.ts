import type { Defaulted } from './columns.ts'

export interface SearchTables {
  video_search: VideoSearchTable
}

/** The search index of a video. Only the database reads the vectors. */
export interface VideoSearchTable {
  video_id: string
  /** Version of the code that wrote the row. */
  layout: Defaulted<number>
  /** Position in the order in which videos were created. */
  n: number
  /** Text search configuration of its language. */
  config: string
  /** Text search vector of title and description. */
  heading: string
  /** Text search vector of title, description and transcript. */
  search: string
}
