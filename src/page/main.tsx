import { render } from 'preact'
import './styles/tokens.css'
import './styles/base.css'
import './styles/header.css'
import './styles/controls.css'
import './styles/parts.css'
import './styles/dialog.css'
import './styles/forced-colors.css'
import { findSession } from './api/session.ts'
import { App } from './app.tsx'
import { keepFocus } from './focus.ts'
import { loadWords } from './locale/load.ts'
import { notifyWhenReady } from './notifications/wanted.ts'
import { registerWorker } from './register-worker.ts'
import { followLinks } from './router.ts'
import { limitSingleKeys } from './shortcuts/single-keys.ts'
import { restoreUploads, showUploads } from './upload/open.ts'

followLinks({ '/upload': showUploads })
void findSession()
keepFocus()
limitSingleKeys()
registerWorker()
void loadWords().then(() => {
  render(<App />, document.body)
  return restoreUploads()
})
notifyWhenReady()
