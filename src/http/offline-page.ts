import { escapeHtml, policyHash } from './html.ts'
import type { PageLanguage } from './languages.ts'

const STYLE = `
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { display: grid; place-content: center; min-height: 100vh; margin: 0; padding: 1.5rem; background: light-dark(#f6f7f7, #0f1213);
  color: light-dark(#141c1b, #e9eeed); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 34rem; }
svg { display: block; width: 3rem; height: 3rem; margin-bottom: 1.25rem; }
h1 { margin: 0 0 0.5rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 1.75rem 0 0.5rem; font-size: 1rem; }
p { margin: 0 0 1.25rem; }
ul { margin: 0; padding-inline-start: 1.25rem; color: light-dark(#52605d, #a0adaa); }
li { margin-top: 0.375rem; }
button { min-height: 2.75rem; padding: 0 1.25rem; border: 1px solid transparent; border-radius: 0.625rem; background: light-dark(#0a6660, #63cbc0);
  color: light-dark(#fff, #06211f); font: inherit; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 2px solid light-dark(#0a6660, #63cbc0); outline-offset: 3px; }
`

/** Shows whether the device or the server is offline, and opens the view of the address as soon as the server responds. */
const SCRIPT = `{
  const INTERVAL_MS = 3000
  const reason = document.querySelector('#reason')
  const tryAgain = async () => {
    reason.textContent = navigator.onLine ? reason.dataset.server : reason.dataset.device
    const response = await fetch('health/live', { cache: 'no-store' }).catch(() => undefined)
    if (response && response.status < 500) location.reload()
  }
  document.querySelector('button').addEventListener('click', tryAgain)
  addEventListener('online', tryAgain)
  addEventListener('offline', tryAgain)
  setInterval(() => document.hidden || tryAgain(), INTERVAL_MS)
  tryAgain()
}`

const LOGO =
  '<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#0d6b66"/><rect x="6" y="13.5" width="20" height="5" ' +
  'rx="2.5" fill="#fff" opacity=".45"/><rect x="6" y="13.5" width="11" height="5" rx="2.5" fill="#fff"/><circle cx="17" cy="16" r="5" fill="#fff"/></svg>'

/** Headers of the page, with which the service worker stores it. */
export const OFFLINE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src ${policyHash(STYLE)}`,
    `script-src ${policyHash(SCRIPT)}`,
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
}

/**
 * The page that the service worker shows while the server cannot be reached. It is complete in itself, because nothing else can be loaded then.
 * @param base path of the service's root, without a trailing slash
 */
export function offlinePage(base: string, language: PageLanguage): string {
  const say = (sentence: string) => escapeHtml(language.say(sentence))
  return `<!doctype html>
<html lang="${language.tag}" dir="${language.dir}">
<meta charset="utf-8">
<base href="${escapeHtml(base)}/">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${say('No connection')} – Longtake</title>
<style>${STYLE}</style>
<main>
${LOGO}
<h1>${say('Longtake cannot be reached')}</h1>
<p><span id="reason" role="status" data-server="${say('The server does not respond at the moment.')}" data-device="${say('You are offline.')}">${say('There is no connection.')}</span> ${say('Longtake opens by itself when the connection is back.')}</p>
<button type="button">${say('Try now')}</button>
<h2>${say('Until then')}</h2>
<ul>
<li>${say('A recording in another tab continues. It stays on this device until it can be sent.')}</li>
<li>${say('Uploads in other tabs wait, and then resume where they stopped.')}</li>
<li>${say('Videos and transcripts can be opened only with a connection.')}</li>
</ul>
</main>
<script>${SCRIPT}</script>
</html>
`
}
