import { escapeHtml } from '../html.ts'
import { nameOf, type Schema } from './document.ts'
import { textHtml } from './text.ts'

/** Deeper objects have a name, and a section of their own. */
const MAX_NESTED_OBJECTS = 4

/** The properties of an object as a table; of anything else, its type and description. */
export function schemaHtml(schema: Schema): string {
  const rows = rowsOf(schema)
  if (rows.length === 0) return `<p>${typeHtml(schema)} ${textHtml(schema.description)}</p>`
  return tableHtml('Name', rows)
}

/** A table of names with their types and meanings. */
export function tableHtml(heading: string, rows: readonly string[]): string {
  return `<div class="table" tabindex="0" role="group" aria-label="${heading}"><table><thead><tr><th scope="col">${heading}</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

interface RowNotes {
  readonly required?: boolean | undefined
  /** The place of a parameter. */
  readonly place?: string
  /** Instead of the schema's description. */
  readonly description?: string | undefined
}

export function rowHtml(name: string, schema: Schema, { required, place, description }: RowNotes): string {
  const notes = [
    place && `<span class="place">${escapeHtml(place)}</span>`,
    required && '<span class="needed">required</span>',
  ]
  const meaning = [textHtml(description ?? schema.description), factsHtml(schema)].filter(Boolean).join(' ')
  const cell = [`<code>${escapeHtml(name)}</code>`, ...notes].filter(Boolean).join(' ')
  return `<tr><th scope="row">${cell}</th><td>${typeHtml(schema)}</td><td>${meaning}</td></tr>`
}

function rowsOf(schema: Schema, prefix = '', depth = 0): string[] {
  const { properties = {}, required = [], allOf = [], items } = schema
  const own = Object.entries(properties).flatMap(([name, property]) => {
    const path = prefix + name
    const inner = depth < MAX_NESTED_OBJECTS ? innerRows(property, path, depth) : []
    return [rowHtml(path, property, { required: required.includes(name) }), ...inner]
  })
  const list = items && !properties ? rowsOf(items, `${prefix}[].`, depth + 1) : []
  return [...allOf.flatMap(part => rowsOf(part, prefix, depth)), ...own, ...list]
}

function innerRows(property: Schema, path: string, depth: number): string[] {
  const parts = [property, ...(property.anyOf ?? []), ...(property.oneOf ?? [])]
  return parts.flatMap(part => [
    ...(part.properties ? rowsOf(part, `${path}.`, depth + 1) : []),
    ...(part.items?.properties ? rowsOf(part.items, `${path}[].`, depth + 1) : []),
  ])
}

function typeHtml(schema: Schema): string {
  const { $ref, type, format, items, anyOf, oneOf, allOf, enum: values } = schema
  if ($ref) return `<a href="#schema-${escapeHtml(nameOf($ref))}">${escapeHtml(nameOf($ref))}</a>`
  const choices = anyOf ?? oneOf ?? (allOf?.length === 1 ? allOf : undefined)
  if (choices) return [...new Set(choices.map(typeHtml))].join(' or ')
  if (items) return `list of ${typeHtml(items)}${isNullable(type) ? ' or null' : ''}`
  const names = [type ?? (values ? 'string' : 'any')].flat()
  return escapeHtml([...names].join(' or ') + (format && format !== 'binary' ? ` (${format})` : ''))
}

function isNullable(type: Schema['type']): boolean {
  return Array.isArray(type) && type.includes('null')
}

/** Allowed values and limits. */
function factsHtml({
  enum: values,
  const: only,
  default: standard,
  minimum,
  maximum,
  maxLength,
  maxItems,
}: Schema): string {
  const code = (value: unknown) => `<code>${escapeHtml(String(value))}</code>`
  return [
    values && `One of ${values.map(code).join(', ')}.`,
    only !== undefined && `Always ${code(only)}.`,
    standard !== undefined && `Default: ${code(standard)}.`,
    minimum !== undefined && maximum !== undefined && `From ${minimum} to ${maximum}.`,
    minimum === undefined && maximum !== undefined && `At most ${maximum}.`,
    maxLength !== undefined && `At most ${maxLength} characters.`,
    maxItems !== undefined && `At most ${maxItems} items.`,
  ]
    .filter(Boolean)
    .join(' ')
}
