/** Limits of what people write about a video, in characters (UTF-16 code units, as JavaScript and HTML count). */
export const MAX_TITLE_LENGTH = 500
export const MAX_DESCRIPTION_LENGTH = 10_000
export const MAX_TRANSCRIPT_LENGTH = 2_000_000
export const MAX_FILENAME_LENGTH = 255
export const MAX_LANGUAGE_LENGTH = 35
export const MAX_TAG_LENGTH = 50
export const MAX_TAGS = 30
/** Of an owner's name (OpenID Connect §2, `sub`). */
export const MAX_OWNER_LENGTH = 255
