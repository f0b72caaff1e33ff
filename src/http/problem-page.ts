import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiError } from '../base/errors.ts'
import { escapeHtml, htmlPage, policyHash } from './html.ts'
import { languageFor, mark, type PageLanguage } from './languages.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Origins of pages that may frame the route, in the syntax of a Content-Security-Policy. Default: none. */
    frameAncestors?: string
  }
}

const STYLE = `
:root { color-scheme: light dark; }
body { display: grid; align-content: center; justify-items: center; gap: 1rem; min-height: 100vh; margin: 0; padding: 1.5rem; box-sizing: border-box;
  background: light-dark(#f6f7f7, #0f1213); color: light-dark(#141c1b, #e9eeed); font: 1rem/1.5 system-ui, sans-serif; text-align: center; }
h1 { margin: 0; font-size: 1.5rem; }
p { max-width: 32rem; margin: 0; overflow-wrap: anywhere; }
a { padding: 0.5rem 1rem; border: 1px solid; border-radius: 0.625rem; color: light-dark(#0a6660, #63cbc0); font-weight: 600; text-decoration: none; }
a:focus-visible { outline: 2px solid; outline-offset: 3px; }
small { color: light-dark(#52605d, #a0adaa); }
`

interface Words {
  readonly title: string
  /** An explanation or advice. Default: the detail of the problem. */
  readonly text?: string
}

/** Texts by problem code, for the codes that people can see after they have opened a link. */
const BY_CODE: Readonly<Record<string, Words>> = {
  link_expired: {
    title: mark('This link has expired'),
    text: mark('Ask the person who sent it for a new one.'),
  },
  share_link_gone: {
    title: mark('This link does not work any more'),
    text: mark('It may have expired, or the person who sent it has withdrawn it. Ask for a new one.'),
  },
  invalid_link: {
    title: mark('This link does not work'),
    text: mark('A part of it may be missing. Open the whole link as it was sent, or ask for a new one.'),
  },
  unauthenticated: {
    title: mark('Sign in to see this'),
    text: mark('Open Longtake and sign in, or ask for a link that needs no account.'),
  },
  invalid_token: {
    title: mark('Sign in to see this'),
    text: mark('The key or token of this request is invalid or has expired.'),
  },
  sign_in_denied: {
    title: mark('You are not signed in'),
    text: mark('The sign-in was cancelled or refused. Open the library to try again.'),
  },
  sign_in_expired: {
    title: mark('Sign in again'),
    text: mark(
      'The sign-in took too long, was already used, or began in another browser. Open the library and sign in again.',
    ),
  },
  sign_in_failed: { title: mark('The sign-in did not work') },
  provider_unavailable: { title: mark('Signing in is not possible right now') },
  not_ready: { title: mark('This is not ready yet') },
}

/** Texts by status, for all other codes. */
const BY_STATUS: Readonly<Record<number, Words>> = {
  400: { title: mark('This address is not valid') },
  401: { title: mark('Sign in to see this') },
  403: { title: mark('You may not see this') },
  404: { title: mark('There is nothing here') },
  410: { title: mark('This is gone') },
  429: { title: mark('Too many requests') },
  503: { title: mark('Not available right now'), text: mark('Load the page again in a moment.') },
}

/** Sends a problem as an HTML page. @param base path of the service's root, without a trailing slash. */
export function sendProblemPage(
  request: FastifyRequest,
  reply: FastifyReply,
  error: ApiError,
  base: string,
): FastifyReply {
  const { frameAncestors = "'none'" } = request.routeOptions.config ?? {}
  if (frameAncestors === "'none'") reply.header('x-frame-options', 'DENY')
  else reply.removeHeader('x-frame-options')
  const policy = [
    "default-src 'none'",
    `style-src ${policyHash(STYLE)}`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors}`,
  ]
  return reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .send(problemPage(error, request.id, `${base}/`, languageFor(request, reply)))
}

function problemPage(error: ApiError, requestId: string, home: string, language: PageLanguage): string {
  const say = (sentence: string) => escapeHtml(language.say(sentence))
  const { title, text } = BY_CODE[error.code] ??
    BY_STATUS[error.status] ?? { title: mark('This did not work') }
  const body = `<h1>${say(title)}</h1>
${text ? `<p>${say(text)}</p>` : `<p lang="en" dir="ltr">${escapeHtml(error.message)}</p>`}
<a href="${escapeHtml(home)}" target="_top">${say('Go to the library')}</a>
<small>${error.status} · ${escapeHtml(requestId)}</small>`
  return htmlPage({ language, title: language.say(title), style: STYLE, body })
}
