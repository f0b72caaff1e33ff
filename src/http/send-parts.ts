import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { ByteRange, Take } from '../objects/object-storage.ts'

/** A range of the content, or the bytes between two ranges. */
export type Part = Buffer | ByteRange

/**
 * Writes the body of a response with back-pressure and stops when the client disconnects. It is not a Readable, because a Readable does not
 * report when the memory of a chunk can be reused.
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
  const take: Take = chunk =>
    new Promise(resolve => {
      const taken = () => {
        raw.off('close', taken)
        resolve(!raw.destroyed)
      }
      raw.once('close', taken)
      raw.write(chunk, taken)
    })
  try {
    for (const part of parts) {
      if (Buffer.isBuffer(part)) await take(part)
      else await send(part, take)
      if (raw.destroyed) return reply
    }
    raw.end()
  } catch (err) {
    // The status has been sent already. The client notices only that the body is incomplete.
    reply.log.warn({ err }, 'a response ended early')
    raw.destroy()
  }
  return reply
}
