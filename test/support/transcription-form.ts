import { createHash } from 'node:crypto'
import type {} from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'

/** OpenAI's limit, in bytes. */
export const MAX_BODY = 25 * 2 ** 20

/** The body of a request for a transcription. */
export interface TranscriptionForm {
  readonly fields: Record<string, string>
  readonly granularities: string[]
  /** Its bytes are kept up to MAX_BODY; its size and hash are those of all. */
  readonly file?: { name: string; bytes: Buffer; size: number; sha256: string; requestSize: number }
}

/** Reads the request to its end, so that a refusal never meets a client that is still sending. */
export async function readTranscriptionForm(request: FastifyRequest): Promise<TranscriptionForm> {
  const fields: Record<string, string> = {}
  let file: TranscriptionForm['file']
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      const before = fields[part.fieldname]
      fields[part.fieldname] = before === undefined ? String(part.value) : `${before},${part.value}`
      continue
    }
    const hash = createHash('sha256')
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of part.file) {
      hash.update(chunk)
      size += chunk.length
      if (size <= MAX_BODY) chunks.push(chunk)
    }
    const requestSize = Number(request.headers['content-length'] ?? size)
    file = {
      name: part.filename,
      bytes: Buffer.concat(chunks),
      size,
      sha256: hash.digest('hex'),
      requestSize,
    }
  }
  const granularities = (fields['timestamp_granularities[]'] ?? '').split(',').filter(Boolean)
  return { fields, granularities, file }
}
