import { useEffect, useState } from 'preact/hooks'
import { ownUploads } from '../api/own-uploads.ts'
import type { Video } from '../api/types.ts'
import { percent, size } from '../format.ts'

/** Time without a new byte after which an upload counts as waiting. */
const STALLED_MS = 10_000

/** How far an upload is, and from where it comes. Says so if no more data arrives. */
export function UploadState({ video: { id, upload } }: { video: Video }) {
  const isWaiting = useStalled(upload?.offset)
  const sender = ownUploads.value.get(id)
  return (
    <>
      <span class={isWaiting ? 'badge warn' : 'badge'}>{isWaiting ? 'Waiting for data' : 'Uploading'}</span>{' '}
      {upload && <span>{uploadedText(upload)}</span>}{' '}
      <span>{sender ? 'in this tab' : 'from another tab or device'}</span>
    </>
  )
}

/** The bar is indeterminate if the client has not declared how long the upload is, as for a recording in progress. */
export function UploadProgress({ video: { title, upload }, ...rest }: { video: Video; class?: string }) {
  const { offset = 0, length = null } = upload ?? {}
  return (
    <progress
      {...rest}
      max={Math.max(1, length ?? 1)}
      value={length === null ? undefined : offset}
      aria-label={`Upload of ${title}`}
    />
  )
}

function uploadedText({ offset, length }: NonNullable<Video['upload']>): string {
  if (length === null) return `${size(offset)} so far`
  return `${percent(Math.floor((100 * offset) / Math.max(1, length)))} of ${size(length)}`
}

/** Whether the offset has stayed the same for a while. */
function useStalled(offset: number | undefined): boolean {
  const [stalled, setStalled] = useState(false)
  useEffect(() => {
    setStalled(false)
    const timer = setTimeout(() => setStalled(true), STALLED_MS)
    return () => clearTimeout(timer)
  }, [offset])
  return stalled
}
