import type { Endpoint, Parameter } from './document.ts'
import { exampleText } from './text.ts'

export interface CurlOptions {
  /** Address of the service, without a trailing slash. */
  readonly server: string
  /** Whether requests need a key. */
  readonly needsKey: boolean
}

/** Optional headers that nearly every request has which creates an upload: a length, or that it is not known, is needed. */
const CREATION_HEADERS = ['Upload-Length', 'Upload-Metadata']

/** A command for a shell that makes the request of an operation with its example values. */
export function curlExample(
  { method, path, operation }: Endpoint,
  { server, needsKey }: CurlOptions,
): string {
  const { parameters = [], security } = operation
  const of = (place: string) => parameters.filter(parameter => parameter.in === place)
  const url = of('path').reduce((text, { name, example }) => text.replace(`{${name}}`, String(example)), path)
  const query = of('query')
    .filter(isShown)
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`)
  const flags = { HEAD: '-I', GET: '' }[method] ?? `-X ${method}`
  const lines = [
    `curl ${flags && `${flags} `}${quoted(server + url + (query.length > 0 ? `?${query.join('&')}` : ''))}`,
    needsKey && security?.length !== 0 && '-H "Authorization: Bearer $LONGTAKE_KEY"',
    ...of('header')
      .filter(
        parameter => isShown(parameter) || (method === 'POST' && CREATION_HEADERS.includes(parameter.name)),
      )
      .map(({ name, example }) => `-H ${quoted(`${name}: ${example}`)}`),
    ...bodyLines(operation.requestBody?.content ?? {}),
  ]
  return lines.filter(Boolean).join(' \\\n  ')
}

function isShown({ required }: Parameter): boolean {
  return required === true
}

function bodyLines(content: NonNullable<Endpoint['operation']['requestBody']>['content']): string[] {
  const [type, body] = Object.entries(content)[0] ?? []
  if (!type || !body) return []
  if (type === 'multipart/form-data')
    return Object.entries(body.example ?? {}).map(([name, value]) =>
      value === '(the bytes)' ? `-F ${name}=@meeting.mp4` : `-F ${quoted(`${name}=${value}`)}`,
    )
  if (type === 'application/json') return [`--json ${quoted(exampleText(body.example))}`]
  return [`-H ${quoted(`Content-Type: ${type}`)}`, '--data-binary @meeting.mp4']
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
