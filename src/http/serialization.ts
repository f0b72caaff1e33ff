import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'

const fastifySerializers = SerializerSelector()

/** Fastify's own serializers, compiled at their first use: compiling the hundreds of serializers took a quarter of the start time. */
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
