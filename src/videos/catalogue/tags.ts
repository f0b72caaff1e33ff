export const MAX_TAGS = 30
/** Characters. */
export const MAX_TAG = 50

/** Without what is around them, and each once. */
export function tagsOf(tags: readonly string[]): string[] {
  return [...new Set(tags.map(tag => tag.normalize().trim()).filter(tag => tag !== ''))]
}
