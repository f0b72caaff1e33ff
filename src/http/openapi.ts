import type { SwaggerOptions } from '@fastify/swagger'
import type { Config } from '../config.ts'
import { tusPaths } from './tus-paths.ts'

/** How the OpenAPI 3.1 document is made from the routes' schemas. */
export function openApi(config: Config): SwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Longtake',
        version: '1',
        description:
          'Takes videos in over bad networks and turns each into something to watch, read and search. ' +
          'Resumable uploads go to `/uploads` by the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload); ' +
          'the id of a finished upload is the id of its video. Errors are `application/problem+json` (RFC 9457).',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: config.publicUrl ?? '/' }],
      // The plugin adds the routes to this object.
      paths: { ...tusPaths },
      tags: [
        { name: 'uploads', description: 'Send bytes, resumably (tus 1.0.0)' },
        {
          name: 'recordings',
          description: 'Send what is being recorded, piece by piece, with plain requests',
        },
        { name: 'videos', description: 'Find, change, delete' },
        { name: 'media', description: 'Play and download' },
        { name: 'webhooks', description: 'Have other programs told' },
        { name: 'service', description: 'How the service is' },
      ],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        (json['$id'] as string | undefined) ?? `schema-${index}`,
    },
    transform: ({ schema, url }) => {
      const { 'x-body': body, ...rest } = (schema ?? {}) as Record<string, unknown>
      return { schema: body ? { ...rest, body } : rest, url }
    },
  }
}
