import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler } from 'fastify'

const OPTIONS = { useDefaults: true, removeAdditional: false, allErrors: false, strict: false } as const

const textual = withFormats(new Ajv({ ...OPTIONS, coerceTypes: true }))
const typed = withFormats(new Ajv({ ...OPTIONS, coerceTypes: false }))

/**
 * Paths, queries and headers are text and are read as what the schema wants; in a JSON body a number is no string.
 * Compiled with the first request: compiling all of them would make a start longer.
 */
export const compileValidator: FastifySchemaCompiler<object> = ({ schema, httpPart }) => {
  let validate: ValidateFunction | undefined
  return data => {
    validate ??= (httpPart === 'body' ? typed : textual).compile(schema)
    return validate(data) || { error: validate.errors ?? [] }
  }
}

function withFormats(ajv: Ajv): Ajv {
  addFormats.default(ajv, ['uuid', 'date-time'])
  return ajv
}
