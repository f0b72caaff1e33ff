import type { Kind } from './choices.ts'

const NAMES: Record<Kind, string> = { camera: 'Camera', screen: 'Screen', both: 'Screen', sound: 'Voice' }

let last = ''
let repeats = 0

/** `Camera recording, 3 Mar 2026, 10:15` */
export function defaultTitle(kind: Kind): string {
  const time = new Intl.DateTimeFormat(navigator.languages as string[], {
    dateStyle: 'medium',
    timeStyle: 'short',
  })
  return `${NAMES[kind]} recording, ${time.format(new Date())}`
}

/** The default title, with a number if this tab has used it already. */
export function takeDefaultTitle(kind: Kind): string {
  const title = defaultTitle(kind)
  repeats = title === last ? repeats + 1 : 1
  last = title
  return repeats === 1 ? title : `${title} (${repeats})`
}
