import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyError, FastifySchemaCompiler } from 'fastify'
import { ApiError } from '../base/errors.ts'
import { isUuid } from '../base/ids.ts'

const OPTIONS = { useDefaults: true, removeAdditional: false, allErrors: false, strict: false } as const
/** `urn:uuid:` before it, which ajv-formats takes, neither the guard nor PostgreSQL reads. */
/** Ajv would read all that JavaScript reads as a number: `1e1`, `0x10`, ` 5`. */
const WHOLE = /^(0|-?[1-9]\d*)$/

const textual = withFormats(new Ajv({ ...OPTIONS, coerceTypes: true }))
const typed = withFormats(new Ajv({ ...OPTIONS, coerceTypes: false }))

/**
 * Paths, queries and headers are text and are read as what the schema wants; in a JSON body a number is no string.
 * Compiled with the first request: compiling all of them would make a start longer.
 */
export const compileValidator: FastifySchemaCompiler<object> = ({ schema, httpPart }) => {
  const isBody = httpPart === 'body'
  const { properties = {} } = schema as { properties?: Record<string, { type?: unknown }> }
  const numbers = isBody ? [] : Object.keys(properties).filter(name => properties[name]!.type === 'integer')
  let validate: ValidateFunction | undefined
  return (data: Record<string, unknown>) => {
    const odd = numbers.find(name => typeof data[name] === 'string' && !WHOLE.test(data[name]))
    if (odd) return { error: [{ instancePath: `/${odd}`, message: 'must be integer' }] as never }
    validate ??= (isBody ? typed : textual).compile(schema)
    return validate(data) || { error: validate.errors ?? [] }
  }
}

interface Refused {
  readonly missingProperty?: string
  readonly additionalProperty?: string
  readonly allowedValues?: readonly unknown[]
}

/** Says which input the schema refuses, and what it would take instead. */
export function invalidInput({ validation, validationContext }: FastifyError): ApiError {
  const [first] = validation ?? []
  const { missingProperty, additionalProperty, allowedValues } = (first?.params ?? {}) as Refused
  // The members of a list in an address have no names of their own.
  const pointer =
    validationContext === 'querystring' ? first?.instancePath.replace(/\/\d+$/, '') : first?.instancePath
  const path = pointer?.replace(/^\//, '').replaceAll('/', '.')
  const field =
    [path, missingProperty ?? additionalProperty].filter(Boolean).join('.') || validationContext || ''
  const problem =
    missingProperty !== undefined
      ? 'is missing'
      : additionalProperty !== undefined
        ? 'is not known here'
        : allowedValues
          ? `must be one of ${allowedValues.join(', ')}`
          : first?.message
  const detail = `${field} ${problem}.`
  return new ApiError(400, 'invalid_request', detail, field)
}

function withFormats(ajv: Ajv): Ajv {
  addFormats.default(ajv, ['date-time'])
  return ajv.addFormat('uuid', isUuid)
}
