import { stripVTControlCharacters } from 'node:util'

/** Shows progress: on a terminal in one line that is rewritten, in a log by a line now and then. */
export interface Terminal {
  /** Prints a line that stays. */
  line(text: string): void
  /** Shows the current state. A log gets at most one such line in five seconds. */
  status(text: string): void
}

const LOG_INTERVAL_MS = 5000
const ERASE_LINE = '\r\x1b[K'

export function openTerminal(stream: NodeJS.WriteStream): Terminal {
  let shown = ''
  let lastLogged = performance.now()
  return {
    line(text) {
      stream.write(`${shown && ERASE_LINE}${printable(text)}\n`)
      shown = ''
    },
    status(text) {
      if (stream.isTTY) {
        // A longer text would wrap, and only its last line could be erased.
        const fitting = printable(text).slice(0, (stream.columns ?? 80) - 1)
        if (fitting !== shown) stream.write(`${ERASE_LINE}${fitting}`)
        shown = fitting
      } else if (performance.now() - lastLogged >= LOG_INTERVAL_MS) {
        lastLogged = performance.now()
        stream.write(`${printable(text)}\n`)
      }
    },
  }
}

/** Text from a server or a file name, without control sequences for the terminal. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\x00-\x08\x0b-\x1f\x7f]/g, ' ')
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** A number of bytes for people, in powers of 1000. */
export function bytesText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1)
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds)
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const pad = (n: number) => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`
}

export function percentText(part: number, whole: number): string {
  // Rounded down: 100 % means that the last byte has arrived.
  return `${whole === 0 ? 100 : Math.floor((part / whole) * 100)} %`
}

const BAR_LETTERS = 18
/** Time over which the rate is averaged. */
const RATE_WINDOW_MS = 10_000

/**
 * Makes progress lines of an upload of `total` bytes: bar, percent, bytes, rate and time left.
 * The rate is an average over the last ten seconds. It starts again if the number of bytes decreases, as after a resume.
 */
export function progressLines(total: number): (sent: number) => string {
  let samples: { time: number; sent: number }[] = []
  return sent => {
    const now = performance.now()
    if (samples.length > 0 && sent < samples.at(-1)!.sent) samples = []
    samples.push({ time: now, sent })
    while (samples.length > 2 && now - samples[0]!.time > RATE_WINDOW_MS) samples.shift()
    const first = samples[0]!
    const rate = now > first.time ? ((sent - first.sent) / (now - first.time)) * 1000 : 0
    const filled = Math.floor((total === 0 ? 1 : sent / total) * BAR_LETTERS)
    const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR_LETTERS - filled)}]`
    const left = rate > 0 ? `  ${timeText((total - sent) / rate)} left` : ''
    return `${bar} ${percentText(sent, total)}  ${bytesText(sent)} of ${bytesText(total)}  ${bytesText(rate)}/s${left}`
  }
}
