import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'

/** A modal dialog. The browser keeps the focus inside. When the dialog closes, the element that opened it gets the focus back. */
export function Dialog({
  title,
  onClose,
  wide = false,
  children,
}: {
  title: string
  wide?: boolean
  /** Called when the user closes the dialog by Escape. Without it, only the form can close the dialog. */
  onClose?: () => void
  children: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  // A layout effect opens it in time for a key that is pressed right after the click.
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement
    dialog.current!.showModal()
    // Unmounting removes the dialog without close(): restore the focus ourselves, after the dialog has left the top layer.
    return () =>
      queueMicrotask(() => {
        const opener = before.isConnected && before !== document.body ? before : undefined
        const to = opener ?? document.querySelector('main')!
        to.focus({ preventScroll: true })
      })
  }, [])
  return (
    <dialog
      ref={dialog}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={event => {
        event.preventDefault()
        onClose?.()
      }}
      // A second Escape closes a dialog without a `cancel` event.
      onClose={() => (onClose ? onClose() : dialog.current?.showModal())}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}
