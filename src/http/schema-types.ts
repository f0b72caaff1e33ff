import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify'

/** The types of named schemas (`$ref: 'Name#'`). Each file with a named schema adds its own. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging.
export interface NamedSchemas {}

/** The TypeScript type of a JSON schema, for the keywords that our schemas use. The schema must be `as const`. */
export type FromSchema<S> = S extends { enum: readonly (infer Value)[] }
  ? Value
  : S extends { anyOf: readonly (infer Option)[] }
    ? FromEach<Option>
    : S extends { $ref: `${infer Name}#` }
      ? Name extends keyof NamedSchemas
        ? NamedSchemas[Name]
        : unknown
      : S extends { type: readonly (infer Type)[] }
        ? FromType<Type, S>
        : S extends { type: infer Type }
          ? FromType<Type, S>
          : unknown

type FromEach<Option> = Option extends unknown ? FromSchema<Option> : never

type FromType<Type, S> = Type extends 'string'
  ? string
  : Type extends 'integer' | 'number'
    ? number
    : Type extends 'boolean'
      ? boolean
      : Type extends 'null'
        ? null
        : Type extends 'array'
          ? readonly (S extends { items: infer Items } ? FromSchema<Items> : unknown)[]
          : Type extends 'object'
            ? FromObject<S>
            : unknown

type FromObject<S> = S extends { properties: infer P }
  ? { -readonly [K in Extract<keyof P, Present<S, P>>]: FromSchema<P[K]> } & {
      -readonly [K in Exclude<keyof P, Present<S, P>>]?: FromSchema<P[K]>
    } & {
      // A misspelled name in `required` gets the type never, so that the compiler reports it.
      [K in Exclude<RequiredName<S>, keyof P>]: never
    }
  : Record<string, unknown>

type RequiredName<S> = S extends { required: readonly (infer Name extends string)[] } ? Name : never

/** Properties that are always present, because they are required or have a default. */
type Present<S, P> =
  | RequiredName<S>
  | { [K in keyof P]: P[K] extends { default: unknown } ? K : never }[keyof P]

/** The value of `required` for a schema whose properties are all required. */
export function namesOf<P extends object>(properties: P): readonly (keyof P & string)[] {
  return Object.keys(properties) as (keyof P & string)[]
}

interface SchemaTypes extends FastifyTypeProvider {
  validator: FromSchema<this['schema']>
  serializer: unknown
}

/** An app whose routes derive the types of their parameters, query, headers and body from their schemas. */
export type TypedApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  SchemaTypes
>

export function typed(app: FastifyInstance): TypedApp {
  return app.withTypeProvider<SchemaTypes>()
}
