import { sha256Stream } from '../base/hash.ts'
import type { PageLanguage } from './languages.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes text for HTML, also for attribute values in quotation marks. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => ENTITIES[character]!)
}

/** A page without scripts of the web page's build. @param page `head` and `body` are HTML, `title` is text. */
export function htmlPage({
  language,
  title,
  style,
  head = '',
  body,
}: {
  readonly language: PageLanguage
  readonly title: string
  readonly style: string
  readonly head?: string
  readonly body: string
}): string {
  return `<!doctype html>
<html lang="${language.tag}" dir="${language.dir}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)} – Longtake</title>
${head}
<style>${style}</style>
${body}
</html>
`
}

/** The source of an inline script or style in a Content-Security-Policy. */
export function policyHash(text: string): string {
  return `'sha256-${sha256Stream().update(text).digest('base64')}'`
}

/** @param base the public URL without a trailing slash, or ''. @returns its path, without a trailing slash. */
export function basePath(base: string): string {
  return base && new URL(base).pathname.replace(/\/$/, '')
}
