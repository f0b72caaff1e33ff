import { escapeHtml } from '../html.ts'
import { type CurlOptions, curlExample } from './curl-example.ts'
import { type ApiDocument, type ApiResponse, type Content, type Endpoint, nameOf } from './document.ts'
import { rowHtml, schemaHtml, tableHtml } from './schema-html.ts'
import { codeHtml, exampleText, textHtml } from './text.ts'

/** A section about one operation: text at one side, examples at the other. */
export function operationHtml(
  endpoint: Endpoint,
  document: ApiDocument,
  curl: CurlOptions | undefined,
): string {
  const { method, path, operation } = endpoint
  const id = escapeHtml(operation.operationId)
  const responses = Object.entries(operation.responses).map(([status, response]): [string, ApiResponse] => [
    status,
    resolved(response, document),
  ])
  const examples = [
    curl && codeHtml('Request', curlExample(endpoint, curl)),
    !curl && contentExamples('Request', operation.requestBody?.content),
    ...responses
      .filter(([status]) => /^2/.test(status))
      .map(([status, { content }]) => contentExamples(`Response ${status}`, content)),
  ]
  return `<article class="operation" aria-labelledby="${id}">
<div class="about">
<h3 id="${id}"><a href="#${id}">${escapeHtml(operation.summary ?? operation.operationId)}</a></h3>
<p class="path"><span class="method ${method.toLowerCase()}">${method}</span> <code>${escapeHtml(path)}</code></p>
${paragraph(operation.description)}
${parametersHtml(endpoint)}
${bodyHtml(operation.requestBody)}
${responsesHtml(responses)}
</div>
<div class="examples">${examples.filter(Boolean).join('\n')}</div>
</article>`
}

function resolved(response: ApiResponse, { components }: ApiDocument): ApiResponse {
  return (response.$ref && components.responses?.[nameOf(response.$ref)]) || response
}

function paragraph(text: string | undefined): string {
  return text ? `<p>${textHtml(text)}</p>` : ''
}

function parametersHtml({ operation: { parameters = [] } }: Endpoint): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map(({ name, in: place, required, description, schema }) =>
    rowHtml(name, schema, { required, place, description }),
  )
  return `<h4>Parameters</h4>${tableHtml('Parameter', rows)}`
}

function bodyHtml(body: Endpoint['operation']['requestBody']): string {
  if (!body) return ''
  const types = Object.entries(body.content)
  const schemas = new Map(types.map(([type, { schema }]) => [JSON.stringify(schema), { type, schema }]))
  const parts = [...schemas.values()].map(({ schema }) => (schema ? schemaHtml(schema) : ''))
  const names = types.map(([type]) => `<code>${escapeHtml(type)}</code>`).join(' or ')
  return `<h4>Body</h4>${paragraph(body.description)}<p>${names}</p>${parts.join('')}`
}

function responsesHtml(responses: readonly [string, ApiResponse][]): string {
  const items = responses.map(([status, { description, content }]) => {
    const schema = Object.values(content ?? {})[0]?.schema
    const type = schema?.$ref ? ` <a href="#schema-${nameOf(schema.$ref)}">${nameOf(schema.$ref)}</a>` : ''
    return `<dt>${escapeHtml(status)}</dt><dd>${textHtml(description)}${type}</dd>`
  })
  return `<h4>Responses</h4><dl class="responses">${items.join('')}</dl>`
}

function contentExamples(name: string, content: Content = {}): string {
  return Object.entries(content)
    .filter(([, { example }]) => example !== undefined)
    .slice(0, 1)
    .map(([type, { example }]) => codeHtml(`${name}, ${type}`, exampleText(example)))
    .join('')
}
