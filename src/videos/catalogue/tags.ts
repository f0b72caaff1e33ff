/** Without what is around them, and each once. */
export function tagsOf(tags: readonly string[]): string[] {
  return [...new Set(tags.map(tag => tag.normalize().trim()).filter(tag => tag !== ''))]
}
