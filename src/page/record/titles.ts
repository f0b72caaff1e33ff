import { locale, mark, say } from '../locale/say.ts'
import type { Kind } from './choices.ts'

const NAMES: Record<Kind, string> = {
  camera: mark('Camera recording, {time}'),
  screen: mark('Screen recording, {time}'),
  both: mark('Screen recording, {time}'),
  sound: mark('Voice recording, {time}'),
}

/** Characters that only matter where a text is shown (UAX #9, §2.4.2). */
const ISOLATES = /[\u2066-\u2069]/g

let last = ''
let repeats = 0

/** `Camera recording, 3 Mar 2026, 10:15` */
export function defaultTitle(kind: Kind): string {
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  return say(NAMES[kind], { time: time.format(new Date()) }).replaceAll(ISOLATES, '')
}

/** The default title, with a number if this tab has used it already. */
export function takeDefaultTitle(kind: Kind): string {
  const title = defaultTitle(kind)
  repeats = title === last ? repeats + 1 : 1
  last = title
  return repeats === 1 ? title : `${title} (${repeats})`
}
