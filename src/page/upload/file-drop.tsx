import { useEffect, useState } from 'preact/hooks'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { ACCEPT } from './accepted-files.ts'
import { filesOf, hasFiles } from './dropped-files.ts'
import { addFiles, prepare } from './open.ts'
import { setFileInput } from './tray-state.ts'

/** Accepts files anywhere in the page: dropped, pasted, or chosen in the file dialog. */
export function FileDrop() {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const stop = new AbortController()
    const on = <K extends keyof DocumentEventMap>(name: K, listener: (event: DocumentEventMap[K]) => void) =>
      document.addEventListener(name, listener, { signal: stop.signal })
    on('dragover', event => {
      if (!hasFiles(event.dataTransfer)) return
      event.preventDefault()
      event.dataTransfer!.dropEffect = 'copy'
      setOver(true)
    })
    on('dragenter', event => {
      if (hasFiles(event.dataTransfer)) prepare()
    })
    on('dragleave', event => {
      // Not when the pointer moves to another element.
      if (!event.relatedTarget) setOver(false)
    })
    on('drop', event => {
      setOver(false)
      if (hasFiles(event.dataTransfer)) take(event, event.dataTransfer!)
    })
    on('paste', event => {
      const { clipboardData, target } = event
      // Text from an office program brings a picture of itself.
      const isText = clipboardData?.types.includes('text/plain') && isEditable(target as Element)
      if (hasFiles(clipboardData) && !isText) take(event, clipboardData!)
    })
    return () => stop.abort()
  }, [])
  return (
    <>
      <input
        ref={setFileInput}
        type="file"
        multiple
        accept={ACCEPT}
        hidden
        aria-label={say('Files to upload')}
        onChange={({ currentTarget }) => {
          void addFiles([...(currentTarget.files ?? [])])
          // The same file can be chosen again.
          currentTarget.value = ''
        }}
      />
      {isOver && (
        <div class="drop-target" aria-hidden="true">
          <p>
            <Icon name="upload" /> {say('Drop to upload')}
          </p>
        </div>
      )}
    </>
  )
}

const isEditable = (element: Element) => element.matches('input, textarea, [contenteditable]')

function take(event: Event, data: DataTransfer): void {
  event.preventDefault()
  void filesOf(data).then(addFiles)
}
