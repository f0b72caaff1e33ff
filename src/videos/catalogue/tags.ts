/** Trims tags and removes empty and repeated ones. */
export function tagsOf(tags: readonly string[]): string[] {
  return [...new Set(tags.map(tag => tag.normalize().trim()).filter(tag => tag !== ''))]
}
