import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'

const fastifys = SerializerSelector()

/** Fastify's own serializers, each compiled with the first answer: there are hundreds, and compiling all took a quarter of a start. */
export const buildSerializer: typeof fastifys = (...options) => {
  const compile = fastifys(...options)
  return route => {
    let serialize: ((answer: unknown) => string) | undefined
    return answer => {
      serialize ??= compile(route)
      return serialize(answer)
    }
  }
}
