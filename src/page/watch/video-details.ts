import type { Video } from '../api/types.ts'

/** What people say of a video, as a form holds it. */
export interface VideoDetails {
  readonly title: string
  readonly description: string
  /** Separated by commas. */
  readonly tags: string
  /** A BCP 47 tag; blank for the one that was recognised. */
  readonly language: string
}

/** Those that speech-to-text models know best, and whatever a video has. */
export const LANGUAGES =
  'ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nb nl pl pt ro ru sk sl sr sv sw ta th tr uk ur vi zh'.split(
    ' ',
  )

const FIELDS = ['title', 'description', 'tags', 'language'] as const

export function detailsOf({ title, description, tags, language }: Video): VideoDetails {
  return { title, description, tags: tags.join(', '), language: language ?? '' }
}

/** What has to be sent so that `base` becomes `details`: what nobody has touched stays as it is. */
export function changesOf(
  base: VideoDetails,
  details: VideoDetails,
): Partial<Pick<Video, 'title' | 'description' | 'tags' | 'language'>> {
  const { title, description, tags, language } = details
  const whole = {
    title: title.trim(),
    description,
    tags: tags
      .split(',')
      .map(tag => tag.trim())
      .filter(Boolean),
    language: language || null,
  }
  return Object.fromEntries(
    FIELDS.filter(field => base[field] !== details[field]).map(field => [field, whole[field]]),
  )
}

/** What two people have made of the same details: mine where I have changed something, else theirs. */
export function merged(base: VideoDetails, mine: VideoDetails, theirs: VideoDetails): VideoDetails {
  const fields = FIELDS.map(field => [field, mine[field] === base[field] ? theirs[field] : mine[field]])
  return Object.fromEntries(fields) as unknown as VideoDetails
}

/** What two people have made of one and the same. */
export interface DetailsConflict {
  readonly field: keyof VideoDetails
  readonly mine: string
  readonly theirs: string
}

/** What both have changed, and not alike. */
export function conflictsOf(base: VideoDetails, mine: VideoDetails, theirs: VideoDetails): DetailsConflict[] {
  const both = FIELDS.filter(
    field => mine[field] !== base[field] && theirs[field] !== base[field] && mine[field] !== theirs[field],
  )
  return both.map(field => ({ field, mine: mine[field], theirs: theirs[field] }))
}
