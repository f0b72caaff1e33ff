import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { ByteRange, Take } from '../objects/object-storage.ts'

/** A range of the content, or what stands between two of them. */
export type Part = Buffer | ByteRange

/**
 * Sends an answer whose status and headers are set, as fast as the client takes it, and no longer than it is there. Not by a stream,
 * which cannot tell when memory is free again.
 * @param send as `ObjectStorage.send`.
 */
export async function sendParts(
  reply: FastifyReply,
  parts: readonly Part[],
  send: (range: ByteRange, take: Take) => Promise<void>,
): Promise<FastifyReply> {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders)
  const take: Take = piece =>
    new Promise(resolve => {
      const taken = () => {
        raw.off('close', taken)
        resolve(!raw.destroyed)
      }
      raw.once('close', taken)
      raw.write(piece, taken)
    })
  try {
    for (const part of parts) {
      if (Buffer.isBuffer(part)) await take(part)
      else await send(part, take)
      if (raw.destroyed) return reply
    }
    raw.end()
  } catch (err) {
    // The status has been sent: that the body is cut off is all that can still be told.
    reply.log.warn({ err }, 'an answer was cut off')
    raw.destroy()
  }
  return reply
}
