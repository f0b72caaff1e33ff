import { useEffect, useRef, useState } from 'preact/hooks'
import { ConnectionLost } from '../parts/connection-lost.tsx'
import { Icon } from '../parts/icons.tsx'
import { Notice } from '../parts/notice.tsx'
import { address } from '../router.ts'
import { uploaded } from './uploading.ts'
import './upload.css'

export function UploadView() {
  const target = useRef<HTMLDivElement>(null)
  const [state, setState] = useState<'loading' | 'shown' | 'failed'>('loading')
  useEffect(() => {
    document.title = 'Upload – Longtake'
    let isClosed = false
    let hide = () => {}
    import('./uppy.ts').then(
      ({ showUploads }) => {
        if (isClosed) return
        hide = showUploads(target.current!)
        setState('shown')
      },
      () => setState('failed'),
    )
    return () => {
      isClosed = true
      hide()
    }
  }, [])
  return (
    <div class="page-column">
      <h1>Upload</h1>
      <p class="lead">
        Uploads resume automatically after a lost connection. If you close the tab, open this page again and
        choose the same file.
      </p>
      {state === 'failed' && (
        <Notice icon="warning" title="The upload form did not load" alert>
          <p>Check your connection, then reload the page.</p>
        </Notice>
      )}
      <ConnectionLost what="The upload" />
      <div ref={target} class="uploads" aria-busy={state === 'loading'} />
      {uploaded.value.length > 0 && (
        <ul class="uploaded" aria-label="Uploaded">
          {uploaded.value.map(({ id, title }) => (
            <li key={id}>
              <Icon name="check" />
              <span>{title}</span>
              <a class="button small" href={address(`watch/${id}`)}>
                <Icon name="play" filled /> Watch
              </a>
            </li>
          ))}
        </ul>
      )}
      <p class="hint">
        No file yet? <a href={address('record')}>Record your camera, screen or voice</a> instead.
      </p>
    </div>
  )
}
