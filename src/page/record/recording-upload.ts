import { request, requestJson } from '../api/http.ts'

const TUS = { 'Tus-Resumable': '1.0.0' }

/** Creates a recording. The same key creates it once, even if the request is repeated. @returns the link of its upload */
export async function createRecording(
  body: { title: string; type: string },
  key: string,
  signal: AbortSignal,
): Promise<string> {
  const { links } = await requestJson<{ links: { upload: string } }>('recordings', {
    method: 'POST',
    signal,
    headers: { 'Idempotency-Key': key },
    json: body,
  })
  return links.upload
}

export interface UploadOffset {
  /** Bytes that the server has saved. */
  readonly offset: number
  /** Bytes in total; undefined until they are declared. */
  readonly length: number | undefined
}

/** Gets the offset of an upload (tus 1.0.0, HEAD). @throws Problem */
export async function getOffset(upload: string, signal: AbortSignal): Promise<UploadOffset> {
  const response = await request(upload, { method: 'HEAD', signal, headers: TUS, cache: 'no-store' })
  const length = response.headers.get('Upload-Length')
  return { offset: offsetOf(response), length: length === null ? undefined : Number(length) }
}

/**
 * Sends the bytes that follow an offset (tus 1.0.0, PATCH).
 * @param length bytes of the whole recording, once it has ended. @returns the new offset. @throws Problem
 */
export async function sendBytes(
  upload: string,
  { offset, body, length }: UploadOffset & { readonly body: Blob },
  signal: AbortSignal,
): Promise<number> {
  const response = await request(upload, {
    method: 'PATCH',
    signal,
    headers: {
      ...TUS,
      'Upload-Offset': String(offset),
      'Content-Type': 'application/offset+octet-stream',
      ...(length !== undefined && { 'Upload-Length': String(length) }),
    },
    body,
  })
  return offsetOf(response)
}

/** Deletes the uploaded part of a recording before the server makes an incomplete video of it (tus 1.0.0, Termination). @throws Problem */
export async function deleteUpload(upload: string): Promise<void> {
  await request(upload, { method: 'DELETE', headers: TUS })
}

/** Changes the title of a recording's video, which may still be uploading. @throws Problem */
export async function renameVideo(id: string, title: string, signal?: AbortSignal): Promise<void> {
  await requestJson(`videos/${id}`, { method: 'PATCH', json: { title }, ...(signal && { signal }) })
}

function offsetOf(response: Response): number {
  return Number(response.headers.get('Upload-Offset'))
}
