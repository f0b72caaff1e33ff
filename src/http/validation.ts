import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyError, FastifySchemaCompiler } from 'fastify'
import { ApiError } from '../base/errors.ts'
import { isUuid } from '../base/ids.ts'

const OPTIONS = { useDefaults: true, removeAdditional: false, allErrors: false, strict: false } as const
/** Ajv would accept any text that JavaScript converts to a number: `1e1`, `0x10`, ` 5`. */
const INTEGER = /^(0|-?[1-9]\d*)$/

const textual = withFormats(new Ajv({ ...OPTIONS, coerceTypes: true }))
const typed = withFormats(new Ajv({ ...OPTIONS, coerceTypes: false }))

/**
 * Validates requests. Converts the text of paths, queries and headers to the types of their schema; values in a JSON body are not converted.
 * A schema is compiled at its first use, because compiling all schemas would delay the start.
 */
export const compileValidator: FastifySchemaCompiler<object> = ({ schema, httpPart }) => {
  const isBody = httpPart === 'body'
  const { properties = {} } = schema as { properties?: Record<string, { type?: unknown }> }
  const numbers = isBody ? [] : Object.keys(properties).filter(name => properties[name]!.type === 'integer')
  let validate: ValidateFunction | undefined
  return (data: Record<string, unknown>) => {
    const malformed = numbers.find(name => typeof data[name] === 'string' && !INTEGER.test(data[name]))
    if (malformed) return { error: [{ instancePath: `/${malformed}`, message: 'must be integer' }] as never }
    validate ??= (isBody ? typed : textual).compile(schema)
    return validate(data) || { error: validate.errors ?? [] }
  }
}

interface ErrorParams {
  readonly missingProperty?: string
  readonly additionalProperty?: string
  readonly allowedValues?: readonly unknown[]
}

/** Creates an error that names the invalid input and the violated requirement. */
export function invalidInput({ validation, validationContext }: FastifyError): ApiError {
  const [first] = validation ?? []
  const { missingProperty, additionalProperty, allowedValues } = (first?.params ?? {}) as ErrorParams
  // For an item of a list in the query, the error names the whole list.
  const pointer =
    validationContext === 'querystring' ? first?.instancePath.replace(/\/\d+$/, '') : first?.instancePath
  const path = pointer?.replace(/^\//, '').replaceAll('/', '.')
  const field =
    [path, missingProperty ?? additionalProperty].filter(Boolean).join('.') || validationContext || ''
  const problem =
    missingProperty !== undefined
      ? 'is missing'
      : additionalProperty !== undefined
        ? 'is unknown'
        : allowedValues
          ? `must be one of ${allowedValues.join(', ')}`
          : first?.message
  const detail = `${field} ${problem}.`
  return new ApiError(400, 'invalid_request', detail, field)
}

/** The UUID format of ajv-formats would accept `urn:uuid:`, which neither the guard nor PostgreSQL accepts. */
function withFormats(ajv: Ajv): Ajv {
  addFormats.default(ajv, ['date-time'])
  return ajv.addFormat('uuid', isUuid)
}
