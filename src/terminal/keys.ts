import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Addresses } from './banner.ts'

/** The terminal sends these instead of signals while single keys are read. */
const [CTRL_C, CTRL_D, CTRL_Z, CTRL_BACKSLASH] = ['\x03', '\x04', '\x1a', '\x1c']
/** Signals that would end this process without its `exit` event, and leave the terminal without echo. */
const ENDING_SIGNALS = ['SIGHUP', 'SIGQUIT'] as const
/** Signals whose handlers are elsewhere. A second one ends the process at once. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const
/** Longer than a process that stops itself keeps running. */
const SUSPEND_MS = 200

const HINT = 'Keys:        o opens the page, q stops, h lists all keys\n'

const HELP = `
  o  opens the page in the browser
  d  opens the documentation of the API
  h  prints this list
  q  stops the service; interrupted uploads resume later (Ctrl-C does the same)

  Upload a video from another terminal:   npm run upload -- FILE
  List videos:                            npm run videos -- list

`

/**
 * Reads single keys if stdin and stdout are a terminal, in the foreground only: a background process that changes the terminal would be stopped.
 * The terminal gets its settings back when the process begins to stop, ends, or is suspended.
 */
export function startKeys(addresses: Addresses): void {
  const { stdin, stdout } = process
  if (!stdin.isTTY || !stdout.isTTY) return
  stdout.write(HINT)
  const actions: Readonly<Record<string, () => void>> = {
    o: () => open(addresses.page),
    d: () => open(addresses.docs),
    h: () => void stdout.write(HELP),
    '?': () => void stdout.write(HELP),
    q: () => void process.kill(process.pid, 'SIGTERM'),
    '\r': () => void stdout.write('\n'),
  }
  let stopped = false
  const take = () => {
    if (stopped || !isForeground()) return
    stdin.setRawMode(true)
    stdin.resume()
  }
  const giveBack = () => {
    if (isForeground()) stdin.setRawMode(false)
    stdin.pause()
  }
  const suspend = async () => {
    giveBack()
    // To the whole job, as the terminal does: the shell waits for npm, for example.
    process.kill(0, 'SIGTSTP')
    // Without job control, nothing stops, and nothing will send SIGCONT.
    await pause(SUSPEND_MS)
    take()
  }
  const onKeys = (text: string) => {
    if (text.includes(CTRL_C)) process.kill(process.pid, 'SIGINT')
    else if (text.includes(CTRL_BACKSLASH)) process.kill(process.pid, 'SIGQUIT')
    else if (text.includes(CTRL_Z)) void suspend()
    else if (text === CTRL_D) actions['q']!()
    // Pasted text contains other letters too, and must not stop the service.
    else if ([...text].every(key => Object.hasOwn(actions, key))) for (const key of text) actions[key]!()
  }
  const onSignal = (signal: NodeJS.Signals) => {
    stop()
    process.kill(process.pid, signal)
  }
  const stop = () => {
    stopped = true
    for (const signal of ENDING_SIGNALS) process.off(signal, onSignal)
    for (const signal of STOP_SIGNALS) process.off(signal, stop)
    process.off('SIGCONT', take).off('exit', giveBack)
    stdin.off('data', onKeys).off('error', stop)
    giveBack()
  }
  for (const signal of ENDING_SIGNALS) process.once(signal, onSignal)
  for (const signal of STOP_SIGNALS) process.once(signal, stop)
  process.on('SIGCONT', take).on('exit', giveBack)
  // The terminal may go away.
  stdin.setEncoding('utf8').on('data', onKeys).on('error', stop)
  stdin.pause()
  take()
}

/** Whether this process may use its terminal: the shell has not put it in the background. */
function isForeground(): boolean {
  const [group, foreground] = terminalGroups()
  // Without a controlling terminal there is no job control.
  return foreground === group || !(Number(foreground) > 0)
}

/** The process group of this process, and the one in the foreground of its terminal. */
function terminalGroups(): string[] {
  try {
    // proc(5): after the name, which may contain spaces: state, ppid, pgrp, session, tty_nr, tpgid.
    if (process.platform === 'linux') {
      const fields = readFileSync('/proc/self/stat', 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      return [fields[2]!, fields[5]!]
    }
    const columns = ['-o', 'pgid=,tpgid=', '-p', String(process.pid)]
    return execFileSync('ps', columns, { encoding: 'utf8' }).trim().split(/\s+/)
  } catch {
    return []
  }
}

function open(url: string): void {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const failed = () =>
    void process.stdout.write(`No browser can be opened from here. The address is ${url}\n`)
  process.stdout.write(`Opening ${url}\n`)
  spawn(program, [url], { stdio: 'ignore', detached: true })
    .on('error', failed)
    .on('exit', code => code !== 0 && failed())
    .unref()
}
