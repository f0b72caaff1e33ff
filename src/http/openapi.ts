import type { SwaggerOptions } from '@fastify/swagger'
import { PROBLEM_TYPE } from '../base/problem.ts'
import type { Config } from '../config/config.ts'
import { withExamples } from './openapi-examples.ts'
import { withNamedSchemas } from './openapi-names.ts'
import { withNamedResponses } from './openapi-responses.ts'
import { webhooks } from './openapi-webhooks.ts'
import type { RoutePolicy } from './route-policy.ts'
import { problems } from './schemas.ts'
import { tusPaths } from './tus-paths.ts'

/** Options for making the OpenAPI 3.1 document from the routes' schemas. */
export function openApi(config: Config): SwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Longtake',
        version: '1',
        description:
          'Receives video over unreliable networks and makes it ready to watch, read and search. ' +
          'Resumable uploads use `/uploads` and the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload); ' +
          'the id of a finished upload is the id of its video. Errors are `application/problem+json` (RFC 9457).',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: config.publicUrl ?? '/' }],
      security: [{ key: [] }],
      components: {
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API key or a JSON Web Token, if the server requires one (`AUTH`).',
          },
          signed_link: {
            type: 'apiKey',
            in: 'query',
            name: 'signature',
            description:
              'From a link made by `POST /videos/{id}/links`, together with its `kind` and `expires`.',
          },
          upload_link: {
            type: 'apiKey',
            in: 'query',
            name: 'link',
            description: 'From a link made by `POST /uploads/links`: for one upload.',
          },
        },
      },
      // The plugin adds the routes to this object.
      paths: Object.fromEntries(
        Object.entries(tusPaths).map(([path, operations]) => [path, guardedOperations(operations ?? {})]),
      ),
      webhooks,
      tags: [
        { name: 'uploads', description: 'Send bytes, resumably (tus 1.0.0)' },
        {
          name: 'recordings',
          description: 'Upload a recording in progress, chunk by chunk, with plain requests',
        },
        { name: 'videos', description: 'Find, change, delete' },
        { name: 'media', description: 'Play and download' },
        { name: 'transcripts', description: 'Read, edit and download transcripts' },
        { name: 'webhooks', description: 'Notify other programs' },
        { name: 'service', description: 'State of the service' },
        { name: 'compatibility', description: 'APIs of the applications that Longtake replaces' },
      ],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        (json['$id'] as string | undefined) ?? `schema-${index}`,
    },
    transform: ({ schema, url, route }) => {
      const { 'x-body': described, 'x-form': form, ...rest } = (schema ?? {}) as Record<string, unknown>
      const body = form
        ? {
            content: {
              'application/json': { schema: rest['body'] },
              'multipart/form-data': { schema: form },
            },
          }
        : described
      const guarded =
        route.config?.access === 'public'
          ? { ...rest, security: [] }
          : { ...rest, ...guardParts(rest, route.config) }
      return { schema: body ? { ...guarded, body } : guarded, url }
    },
    transformObject: made => ('openapiObject' in made ? completed(made.openapiObject) : made.swaggerObject),
  }
}

/** Adds names and examples, for readers and generated clients: the plugin writes all schemas inline and without examples. */
function completed<T extends { paths?: object; components?: object; webhooks?: object }>(document: T): T {
  return withExamples(withNamedSchemas(withNamedResponses(withOptionalBodies(document))))
}

/** Marks bodies whose schema allows null as optional; the plugin does not. */
function withOptionalBodies<T extends { paths?: object }>(document: T): T {
  for (const path of Object.values(document.paths ?? {}))
    for (const { requestBody } of Object.values<Operation>(path)) {
      const json = requestBody?.content['application/json']?.schema
      if (!requestBody || !json?.type?.includes('null')) continue
      requestBody.required = false
      json.type = 'object'
    }
  return document
}

interface Operation {
  readonly requestBody?: {
    required: boolean
    readonly content: Readonly<Record<string, { readonly schema?: { type?: string | string[] } }>>
  }
}

/** The guard's part of a route's description: its credentials and errors. */
function guardParts(
  schema: Record<string, unknown>,
  policy: RoutePolicy | undefined,
): Record<string, unknown> {
  const security = policy?.signedLink ? [{ key: [] }, { signed_link: [] }] : [{ key: [] }]
  const { response } = schema as { response?: object }
  return { security, ...(response && { response: { ...problems(401, 403, 429), ...response } }) }
}

/** The same for the upload protocols, whose routes have no schemas. */
function guardedOperations(operations: object): object {
  const errors = Object.fromEntries(
    Object.entries(problems(401, 403, 429)).map(([status, { description }]) => [
      status,
      {
        description,
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
  return Object.fromEntries(
    Object.entries(operations).map(([method, operation]) => [
      method,
      method === 'options'
        ? { ...operation, security: [] }
        : {
            ...operation,
            security: [{ key: [] }, { upload_link: [] }],
            responses: { ...errors, ...operation.responses },
          },
    ]),
  )
}
