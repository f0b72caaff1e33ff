import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly responses: Readonly<Record<string, Answer>> }
}
interface Operation {
  readonly responses: Record<string, Answer | { $ref: string }>
}
interface Answer {
  readonly content?: Readonly<Record<string, object>>
}

/** Puts answers that a document names in the places that they are named at. @throws Error for a name that is not there. */
export function withAnswersInPlace<T extends Document>(document: T): T {
  for (const operations of Object.values(document.paths))
    for (const { responses } of Object.values(operations))
      for (const [status, answer] of Object.entries(responses)) {
        if (!('$ref' in answer)) continue
        const found = document.components.responses[answer.$ref.replace('#/components/responses/', '')]
        if (!found) throw new Error(`${answer.$ref} is not in the document`)
        responses[status] = found
      }
  return document
}

/** Forbids members that a schema does not name, so that an undocumented member of an answer is found. */
export function closed<T>(part: T): T {
  if (Array.isArray(part)) return part.map(closed) as T
  if (typeof part !== 'object' || part === null) return part
  const copy = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, closed(value)]))
  const isObjectSchema =
    'properties' in copy && ['object', 'null'].includes([copy['type']].flat()[0] as string)
  return (
    isObjectSchema && !('additionalProperties' in copy) ? { ...copy, additionalProperties: false } : copy
  ) as T
}

const documents = new Map<string, Promise<ApiDocument | undefined>>()

/** The OpenAPI document of a service, and whether its answers are as it says. */
export class ApiDocument {
  readonly #paths: readonly { pattern: RegExp; path: string }[]
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true })
  readonly #validators = new Map<string, ValidateFunction>()
  readonly document: Document

  constructor(document: Document) {
    this.document = closed(withAnswersInPlace(structuredClone(document)))
    addFormats.default(this.#ajv)
    this.#ajv.addSchema(this.document, 'api')
    // Paths without a parameter come first: they are meant where both fit.
    this.#paths = Object.keys(document.paths)
      .sort((a, b) => a.split('{').length - b.split('{').length)
      .map(path => ({
        path,
        pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`),
      }))
  }

  /** The operation as `method path`, undefined where there is none. */
  operationOf(method: string, url: URL): string | undefined {
    const path = this.#paths.find(({ pattern }) => pattern.test(url.pathname))?.path
    const name = method.toLowerCase()
    return path && this.document.paths[path]?.[name] ? `${name} ${path}` : undefined
  }

  /** @throws Error where the document knows the route and says something else of it. */
  check(method: string, url: URL, status: number, contentType: string, body: string): void {
    const path = this.#paths.find(({ pattern }) => pattern.test(url.pathname))?.path
    const operation = path && this.document.paths[path]?.[method.toLowerCase()]
    if (!path || !operation) return
    const what = `${method} ${url.pathname}: ${status}`
    const said = operation.responses[status] as Answer | undefined
    if (!said) throw new Error(`${what} is not documented`)
    const type = contentType.split(';')[0]!.trim()
    if (!/[/+]json$/.test(type)) return
    if (!said.content?.[type]) throw new Error(`${what} is not documented to be ${type}`)
    // A part of a document is none.
    if (status === 206) return
    const keys = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', type, 'schema']
    const reference = `api#/${keys.map(key => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`
    const validate = this.#validators.get(reference) ?? this.#ajv.compile({ $ref: reference })
    this.#validators.set(reference, validate)
    if (!validate(JSON.parse(body)))
      throw new Error(`${what} is not as documented: ${this.#ajv.errorsText(validate.errors)}`)
  }
}

/** Asked for once a service; undefined where what answers there has none. */
export function documentOf(origin: string): Promise<ApiDocument | undefined> {
  const known = documents.get(origin)
  if (known) return known
  const asked = fetch(`${origin}/openapi.json`).then(
    async answer => (answer.ok ? new ApiDocument((await answer.json()) as Document) : undefined),
    () => {
      documents.delete(origin)
      return undefined
    },
  )
  documents.set(origin, asked)
  return asked
}
