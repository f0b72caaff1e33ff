import { escapeHtml } from '../html.ts'

/** The two forms of Markdown in descriptions: code in backticks, and bare addresses. */
const MARKED = /`([^`]+)`|(https?:\/\/[^\s)]+[^\s).,])/g

/** A description as HTML. */
export function textHtml(text: string | undefined): string {
  if (!text) return ''
  let html = ''
  let end = 0
  for (const { 0: whole, 1: code, 2: url = '', index } of text.matchAll(MARKED)) {
    html += escapeHtml(text.slice(end, index))
    html +=
      code === undefined
        ? `<a href="${escapeHtml(url)}" rel="noreferrer">${escapeHtml(url)}</a>`
        : `<code>${escapeHtml(code)}</code>`
    end = index + whole.length
  }
  return html + escapeHtml(text.slice(end))
}

/** A block of code with its name. Keyboards can scroll it. */
export function codeHtml(name: string, code: string): string {
  const label = escapeHtml(name)
  return `<figure class="code"><figcaption>${label}</figcaption><pre tabindex="0" role="group" aria-label="${label}"><code>${escapeHtml(code)}</code></pre></figure>`
}

/** An example as people write it: text as it is, everything else as JSON. */
export function exampleText(example: unknown): string {
  return typeof example === 'string' ? example : JSON.stringify(example, null, 2)
}

/** A name as a heading. */
export function titleText(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}
