import { escapeHtml } from '../html.ts'
import { type ApiDocument, type Endpoint, endpointsOf } from './document.ts'
import { operationHtml } from './operation-html.ts'
import { schemaHtml } from './schema-html.ts'
import { textHtml, titleText } from './text.ts'

export interface DocsPageOptions {
  /** Path of the service without a trailing slash. */
  readonly path: string
  /** Address in the examples; the page replaces it by its own origin if there is no public one. */
  readonly server: string
  readonly needsKey: boolean
  /** Part of the addresses of the style and the script, which changes with their content. */
  readonly version: string
}

interface Chapter {
  readonly name: string
  readonly description: string
  readonly endpoints: readonly Endpoint[]
  /** Whether the service makes these requests, and others answer. */
  readonly isReceived?: boolean
}

/** The documentation of the API as one page, made from its OpenAPI document. It works without its script. */
export function docsPage(document: ApiDocument, options: DocsPageOptions): string {
  const { path, version } = options
  const chapters = chaptersOf(document)
  const { title, description } = document.info
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)} API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" type="image/svg+xml" href="${path}/docs/icon.svg">
<link rel="stylesheet" href="${path}/docs/style-${version}.css">
<script type="module" src="${path}/docs/script-${version}.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header>
<a class="brand" href="${path}/"><img src="${path}/docs/icon.svg" alt="" width="28" height="28"> ${escapeHtml(title)}</a>
<span class="kind">API</span>
<label class="filter"><span class="hidden">Filter operations</span><input id="filter" type="search" placeholder="Filter  /" autocomplete="off" hidden></label>
<a class="file" href="${path}/openapi.json">openapi.json</a>
</header>
<nav aria-label="Operations"><details open><summary>Operations</summary>${chapters.map(navigationHtml).join('\n')}<a class="chapter" href="#schemas">Schemas</a></details></nav>
<main id="content" tabindex="-1">
<h1>${escapeHtml(title)} API</h1>
<div class="intro"><p>${textHtml(description)}</p>${accessHtml(document, options)}</div>
<p id="none" role="status"></p>
${chapters.map(chapter => chapterHtml(chapter, document, options)).join('\n')}
${schemasHtml(document)}
</main>
</body>
</html>
`
}

function chaptersOf({ tags = [], paths, webhooks = {} }: ApiDocument): Chapter[] {
  const endpoints = endpointsOf(paths)
  const own = tags.map(({ name, description = '' }) => ({
    name,
    description,
    endpoints: endpoints.filter(({ operation }) => operation.tags?.includes(name)),
  }))
  const events = {
    name: 'events',
    description: 'Requests that webhooks receive',
    endpoints: endpointsOf(webhooks),
    isReceived: true,
  }
  const after = own.findIndex(({ name }) => name === 'webhooks') + 1
  return [...own.slice(0, after), events, ...own.slice(after)].filter(chapter => chapter.endpoints.length > 0)
}

function accessHtml({ components }: ApiDocument, { needsKey }: DocsPageOptions): string {
  const { description } = components.securitySchemes?.['key'] ?? {}
  const now = needsKey
    ? 'This server requires one: set <code>LONGTAKE_KEY</code> before you run the examples.'
    : 'This server requires none.'
  return `<p>${textHtml('Requests carry `Authorization: Bearer KEY`.')} ${textHtml(description)} ${now}</p>`
}

function navigationHtml({ name, endpoints }: Chapter): string {
  const items = endpoints.map(
    ({ method, operation: { operationId, summary = operationId } }) =>
      `<li><a href="#${escapeHtml(operationId)}"><span class="method ${method.toLowerCase()}">${method}</span> ${escapeHtml(summary)}</a></li>`,
  )
  return `<div class="group"><a class="chapter" href="#chapter-${name}">${titleText(name)}</a><ul>${items.join('')}</ul></div>`
}

function chapterHtml(chapter: Chapter, document: ApiDocument, options: DocsPageOptions): string {
  const { name, description, endpoints, isReceived } = chapter
  const operations = endpoints.map(endpoint =>
    operationHtml(endpoint, document, isReceived ? undefined : options),
  )
  return `<section class="chapter" aria-labelledby="chapter-${name}"><h2 id="chapter-${name}">${titleText(name)}</h2><p class="lead">${textHtml(description)}</p>${operations.join('\n')}</section>`
}

function schemasHtml({ components }: ApiDocument): string {
  const parts = Object.entries(components.schemas).map(([name, schema]) => {
    const id = `schema-${escapeHtml(name)}`
    return `<article class="schema" aria-labelledby="${id}"><h3 id="${id}"><a href="#${id}">${escapeHtml(name)}</a></h3>${schemaHtml(schema)}</article>`
  })
  return `<section class="chapter" aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>${parts.join('\n')}</section>`
}
