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

/** Options for generating the OpenAPI 3.1 document from the routes' schemas. */
export function openApi(config: Config): SwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Longtake',
        version: '1',
        description:
          'Receives video over unreliable networks and makes it ready to watch, read and search. ' +
          'For resumable uploads, send the file to `/uploads` with the tus protocol 1.0.0 ' +
          '(https://tus.io/protocols/resumable-upload). An upload and its video have the same id. ' +
          'Errors are `application/problem+json` (RFC 9457).',
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
              'The signature of a link that `POST /videos/{id}/links` has created, with its `kind` and `expires`.',
          },
          upload_link: {
            type: 'apiKey',
            in: 'query',
            name: 'link',
            description: 'The token of a link for one upload that `POST /uploads/links` has created.',
          },
        },
      },
      // The plugin adds the routes to this object.
      paths: Object.fromEntries(
        Object.entries(tusPaths).map(([path, operations]) => [path, guardedOperations(operations ?? {})]),
      ),
      webhooks,
      tags: [
        { name: 'uploads', description: 'Upload files with resumable requests (tus 1.0.0)' },
        {
          name: 'recordings',
          description: 'Upload a recording chunk by chunk while it is being recorded',
        },
        { name: 'videos', description: 'Find, change and delete videos' },
        { name: 'media', description: 'Play and download videos' },
        { name: 'transcripts', description: 'Read, edit and download transcripts' },
        { name: 'webhooks', description: 'Send events to other programs' },
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

/** Adds names and examples for readers and generated clients, because the plugin writes all schemas inline and without examples. */
function completed<T extends { paths?: object; components?: object; webhooks?: object }>(document: T): T {
  return withExamples(withNamedSchemas(withNamedResponses(withOptionalBodies(document))))
}

/** Marks bodies whose schema allows null as optional, because the plugin does not. */
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

/** The credentials and errors that the guard adds to a route. */
function guardParts(
  schema: Record<string, unknown>,
  policy: RoutePolicy | undefined,
): Record<string, unknown> {
  const security = policy?.signedLink ? [{ key: [] }, { signed_link: [] }] : [{ key: [] }]
  const { response } = schema as { response?: object }
  return { security, ...(response && { response: { ...problems(401, 403, 429), ...response } }) }
}

/** The same for the upload routes, which have no schemas. */
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
