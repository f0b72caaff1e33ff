import type { UploadRow } from '../core/upload-rows.ts'

/** `Upload-Expires` (tus 1.0.0, Expiration). @returns undefined if the upload is a video, which does not expire. */
export function expiresHeader({ finished_at, concat, expires_at }: UploadRow): string | undefined {
  return finished_at && concat !== 'partial' ? undefined : expires_at.toUTCString()
}
