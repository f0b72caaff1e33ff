import { useEffect, useState } from 'preact/hooks'
import { ownUploads } from '../api/own-uploads.ts'
import type { Video } from '../api/types.ts'
import { percent, size } from '../format.ts'

/** Time without a new byte after which an upload counts as stalled. */
const STALLED_MS = 10_000

/** The progress of an upload, its sender, and whether it has stalled. */
export function UploadState({ video: { id, upload } }: { video: Video }) {
  const isStalled = useStalled(upload?.offset)
  const sender = ownUploads.value.get(id)
  return (
    <>
      <span class={isStalled ? 'badge warn' : 'badge'}>{isStalled ? 'Stalled' : 'Uploading'}</span>{' '}
      {upload && <span>{uploadedText(upload)}</span>}{' '}
      <span>{sender ? 'in this tab' : 'from another tab or device'}</span>
    </>
  )
}

/** The bar is indeterminate while the length is unknown, as for a recording in progress. */
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

/** Whether the offset has not changed for STALLED_MS. */
function useStalled(offset: number | undefined): boolean {
  const [stalled, setStalled] = useState(false)
  useEffect(() => {
    setStalled(false)
    const timer = setTimeout(() => setStalled(true), STALLED_MS)
    return () => clearTimeout(timer)
  }, [offset])
  return stalled
}
