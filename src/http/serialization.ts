import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'

const fastifySerializers = SerializerSelector()

/** Fastify's own serializers, but each is compiled for its first response: compiling all of the hundreds took a quarter of the start. */
export const buildSerializer: typeof fastifySerializers = (...options) => {
  const compile = fastifySerializers(...options)
  return route => {
    let serialize: ((payload: unknown) => string) | undefined
    return payload => {
      serialize ??= compile(route)
      return serialize(payload)
    }
  }
}
