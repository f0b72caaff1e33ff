import { useEffect, useState } from 'preact/hooks'
import { ownUploads } from '../api/own-uploads.ts'
import type { Video } from '../api/types.ts'
import { percent, size } from '../format.ts'
import { say } from '../locale/say.ts'

/** Time without a new byte after which an upload counts as stalled. */
const STALLED_MS = 10_000

/** The progress of an upload, its sender, and whether it has stalled. */
export function UploadState({ video: { id, upload } }: { video: Video }) {
  const isStalled = useStalled(upload?.offset)
  const sender = ownUploads.value.get(id)
  return (
    <>
      <span class={isStalled ? 'badge warn' : 'badge'}>{isStalled ? say('Stalled') : say('Uploading')}</span>{' '}
      {upload && <span>{uploadedText(upload)}</span>}{' '}
      <span>{sender ? say('in this tab') : say('from another tab or device')}</span>
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
      aria-label={say('Upload of {title}', { title })}
    />
  )
}

function uploadedText({ offset, length }: NonNullable<Video['upload']>): string {
  if (length === null) return say('{size} so far', { size: size(offset) })
  return say('{percent} of {size}', {
    percent: percent(Math.floor((100 * offset) / Math.max(1, length))),
    size: size(length),
  })
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
