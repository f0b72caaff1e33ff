import type { components } from './api-types.d.ts'

type Schemas = components['schemas']

export type Video = Schemas['Video']
/** A video in a response of `GET /videos`. */
export type ListedVideo = Schemas['ListedVideo']
export type VideoPage = Schemas['VideoList']
export type VideoChanges = Schemas['VideoChanges']
export type Step = Schemas['Step']
export type Chapter = Schemas['Chapter']
export type Captions = Schemas['Captions']
export type Moment = Schemas['Moment']
/** A line of a transcript; times are seconds. */
export type Segment = Schemas['Segment']
export type Revision = Schemas['Revision']
export type Transcript = Schemas['Transcript']
export type LinkKind = Schemas['LinkRequest']['kinds'][number]
export type SignedLinks = Schemas['SignedVideoLinks']

/** A value with its entity tag, which a change sends back in `If-Match`. */
export interface Tagged<T> {
  readonly value: T
  readonly tag: string | null
}
