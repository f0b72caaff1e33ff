import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'

/** A modal dialog: the browser keeps the focus within, and whatever opened it gets it back. */
export function Dialog({
  title,
  onClose,
  wide = false,
  children,
}: {
  title: string
  wide?: boolean
  /** Without it the dialog stays until its form is sent. */
  onClose?: () => void
  children: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  // At once: a key that is pressed right after what opened it is meant for it.
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement
    dialog.current!.showModal()
    // While the dialog is in the document nothing outside it can have the focus.
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
      // Browsers let nobody be held: a second Escape closes it without asking.
      onClose={() => (onClose ? onClose() : dialog.current?.showModal())}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}
