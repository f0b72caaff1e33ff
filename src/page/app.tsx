import type { ComponentChildren, ComponentType } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { messageOf } from './api/http.ts'
import { isAdmin, isSignedIn, signInRequired, signOut } from './api/session.ts'
import { Library } from './library/library.tsx'
import { IconButton } from './parts/icon-button.tsx'
import { Icon } from './parts/icons.tsx'
import { Notice } from './parts/notice.tsx'
import { SignIn } from './parts/sign-in.tsx'
import { Toasts, toast } from './parts/toasts.tsx'
import { WatchSkeleton } from './parts/watch-skeleton.tsx'
import { recordingBar, recordingNow } from './record/recording-now.ts'
import { address, location, navigate, pathOf } from './router.ts'
import { isTyping } from './shortcuts/single-keys.ts'
import { FileDrop } from './upload/file-drop.tsx'
import { NewMenu } from './upload/new-menu.tsx'
import { openTray, tray } from './upload/open.ts'
import { isTrayShown, pendingCount } from './upload/tray-state.ts'
import './upload/new-menu.css'
import './upload/tray.css'
import { say } from './locale/say.ts'

export function App() {
  const path = pathOf(location.value)
  const main = useRef<HTMLElement>(null)
  const before = useRef<string>()
  // An address of earlier versions, for example in bookmarks
  useEffect(() => {
    if (path !== '/upload') return
    navigate('', 'replace')
    openTray()
  }, [path])
  // After a change of view, screen readers and the Tab key start at the beginning of the new view, unless the view knows a better place.
  useEffect(() => {
    const isInView = main.current!.contains(document.activeElement)
    if (before.current && before.current !== '/upload' && !isInView)
      main.current!.focus({ preventScroll: true })
    before.current = path
  }, [path])
  return (
    <>
      <a class="skip-link" href="#main">
        {say('Skip to content')}
      </a>
      <header class="header">
        <a class="brand" href={address('')}>
          <span class="brand-mark" aria-hidden="true" />
          Longtake
        </a>
        <nav aria-label={say('Main')}>
          <a class="tab" href={address('')} aria-current={path === '/' ? 'page' : undefined}>
            <Icon name="library" />
            <span>{say('Library')}</span>
          </a>
          {(recordingNow.value || path === '/record') && (
            <a class="tab" href={address('record')} aria-current={path === '/record' ? 'page' : undefined}>
              <Icon name="record" />
              <span>{say('Record')}</span>
              {recordingNow.value && <span class="tab-badge live">{say('Recording')}</span>}
            </a>
          )}
          <NewMenu />
        </nav>
        {isAdmin() && (
          <a
            class="icon-button"
            href={address('access')}
            aria-label={say('Access keys')}
            title={say('Access keys')}
          >
            <Icon name="key" />
          </a>
        )}
        {isSignedIn() && (
          <IconButton label={say('Sign out')} title={say('Sign out')} icon="signout" onClick={leave} />
        )}
        <Shortcuts />
      </header>
      {/* Before the view in tab order: a new view gets the focus, and Shift+Tab then leads to Undo. */}
      <Toasts />
      <FileDrop />
      <Uploads />
      {recordingBar.value && <recordingBar.value />}
      <main id="main" ref={main} tabIndex={-1}>
        <View path={path} />
      </main>
      {signInRequired.value && <SignIn />}
    </>
  )
}

/** The tray with this tab's uploads. Its code is loaded when it is first shown. */
function Uploads() {
  if (!isTrayShown.value) return null
  if (tray.value) return <tray.value />
  return (
    <section
      class="tray"
      style={{ '--rows': pendingCount.value }}
      aria-label={say('Uploads')}
      aria-busy="true"
    >
      <header class="tray-head">
        <h2>{say('Uploads')}</h2>
        <span class="spinner" />
      </header>
    </section>
  )
}

/** The list of keys, which `?` opens too. Its code is loaded then. */
function Shortcuts() {
  const [isOpen, setOpen] = useState(false)
  const [dialog, setDialog] = useState<{ view: Awaited<ReturnType<typeof loadShortcuts>> } | undefined>()
  const open = () => {
    setOpen(true)
    loadShortcuts().then(
      view => setDialog({ view }),
      () => setOpen(false),
    )
  }
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey } = event
      const target = event.target as Element
      if (key !== '?' || ctrlKey || metaKey || altKey || isTyping(target) || target.closest('dialog')) return
      event.preventDefault()
      open()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return (
    <>
      <IconButton
        label={say('Keyboard shortcuts')}
        title={say('Keyboard shortcuts (?)')}
        icon="keyboard"
        class="shortcuts"
        onClick={open}
      />
      {isOpen && dialog && <dialog.view onClose={() => setOpen(false)} />}
    </>
  )
}

function leave(): void {
  signOut().catch(error => toast(messageOf(error)))
}

function View({ path }: { path: string }) {
  if (path === '/' || path === '/upload') return <Library />
  if (path === '/record') return <Lazy key="record" load={loadRecord} props={{}} />
  if (path === '/access') return <Lazy key="access" load={loadKeys} props={{}} />
  if (path === '/bin') return <Lazy key="bin" load={loadBin} props={{}} />
  const [, id] = /^\/watch\/([^/]+)$/.exec(path) ?? []
  if (id) return <Lazy key={id} load={loadWatch} props={{ id }} waiting={<WatchSkeleton />} />
  return (
    <Notice icon="warning" title={say('Page not found')}>
      <p>{say('The address may be mistyped, or the page no longer exists.')}</p>
      <a class="button" href={address('')}>
        {say('Go to the library')}
      </a>
    </Notice>
  )
}

const loadRecord = async () => (await import('./record/record.tsx')).RecordView
const loadBin = async () => (await import('./bin/bin.tsx')).BinView
const loadKeys = async () => (await import('./keys/keys.tsx')).KeysView
const loadShortcuts = async () => (await import('./shortcuts/shortcuts-dialog.tsx')).ShortcutsDialog
const loadWatch = async () => (await import('./watch/watch.tsx')).WatchView

interface LazyProps<P> {
  readonly load: () => Promise<ComponentType<P>>
  readonly props: P
  /** Shown while the code is loaded. */
  readonly waiting?: ComponentChildren
}

/** A view whose code is loaded when it is first shown. */
function Lazy<P extends object>({ load, props, waiting }: LazyProps<P>) {
  const [state, setState] = useState<{ view: ComponentType<P> } | { failed: true } | undefined>()
  useEffect(() => {
    load().then(
      view => setState({ view }),
      () => setState({ failed: true }),
    )
  }, [load])
  if (!state) return waiting ?? <div class="view-loading" aria-busy="true" />
  if ('failed' in state) {
    return (
      <Notice icon="warning" title={say('This view did not load')} alert>
        <p>{say('The connection may be down, or Longtake was updated while this tab was open.')}</p>
        <button type="button" class="button" onClick={() => window.location.reload()}>
          {say('Reload')}
        </button>
      </Notice>
    )
  }
  return <state.view {...props} />
}
