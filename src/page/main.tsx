import { render } from 'preact'
import './styles/tokens.css'
import './styles/base.css'
import { App } from './app.tsx'
import { followLinks } from './router.ts'

followLinks()
render(<App />, document.body)
