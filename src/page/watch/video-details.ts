import type { Tagged, Video, VideoChanges } from '../api/types.ts'

/** The editable details of a video, as texts of a form. */
export interface VideoDetails {
  readonly title: string
  readonly description: string
  /** Separated by commas. */
  readonly tags: string
  /** A BCP 47 tag; blank to detect the language automatically. */
  readonly language: string
}

/** Details that are being edited. `base` is the server's version; the tag is null until the server has sent it. */
export interface DetailsDraft {
  readonly base: Tagged<VideoDetails>
  readonly details: VideoDetails
}

/** A field that two people have changed differently. */
export interface DetailsConflict {
  readonly field: keyof VideoDetails
  readonly mine: string
  readonly theirs: string
}

const FIELDS = ['title', 'description', 'tags', 'language'] as const

export function detailsOf({ title, description, tags, language }: Video): VideoDetails {
  return { title, description, tags: tags.join(', '), language: language ?? '' }
}

/** The fields to send so that `base` becomes `details`. Untouched fields are left out, and stay as they are. */
export function changesOf(base: VideoDetails, details: VideoDetails): VideoChanges {
  const { title, description, tags, language } = details
  const all = {
    title: title.trim(),
    description,
    tags: tags
      .split(/[,،]/)
      .map(tag => tag.trim())
      .filter(Boolean),
    language: language || null,
  }
  return Object.fromEntries(
    FIELDS.filter(field => base[field] !== details[field]).map(field => [field, all[field]]),
  )
}

/**
 * Moves the changes of a draft to a later version of the details. If both sides have changed a field, the draft keeps its own text and the
 * field is a conflict.
 */
export function rebaseDetails(
  { base, details }: DetailsDraft,
  latest: Tagged<VideoDetails>,
): { draft: DetailsDraft; conflicts: DetailsConflict[] } {
  const theirs = latest.value
  const isMine = (field: keyof VideoDetails) => details[field] !== base.value[field]
  const moved = FIELDS.map(field => [field, isMine(field) ? details[field] : theirs[field]])
  const conflicts = FIELDS.filter(
    field => isMine(field) && theirs[field] !== base.value[field] && theirs[field] !== details[field],
  ).map(field => ({ field, mine: details[field], theirs: theirs[field] }))
  return { draft: { base: latest, details: Object.fromEntries(moved) as unknown as VideoDetails }, conflicts }
}
