import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'

/** A modal dialog. The browser keeps the focus inside; afterwards the element that opened the dialog gets it back. */
export function Dialog({
  title,
  onClose,
  wide = false,
  children,
}: {
  title: string
  wide?: boolean
  /** Without it, only its form can close the dialog. */
  onClose?: () => void
  children: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  // A layout effect, because a key pressed right after the click is meant for the dialog.
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
