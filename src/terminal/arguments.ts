import { readFileSync } from 'node:fs'
import { StartError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import { SETTINGS } from '../config/settings.ts'

const HELP = ['--help', '-h']
/** The text is a file, because scripts/start prints it before Node is installed. */
const USAGE = new URL('usage.txt', import.meta.url)

/**
 * Reads the arguments of the service, whose settings are environment variables.
 * @returns the text to print instead of starting; undefined to start.
 * @throws StartError for any other argument
 */
export function readArguments(args: readonly string[]): string | undefined {
  if (args.some(argument => HELP.includes(argument))) return readFileSync(USAGE, 'utf8')
  const [first] = args
  if (first !== undefined) throw new StartError(refusal(first, args[1]))
  return undefined
}

/** Says how a setting is written if the argument looks like one: `--port 3000`, `--port=3000`, `PORT=3000`. */
function refusal(argument: string, next: string | undefined): string {
  const [, dashes = '', name = '', value = next] = /^(-*)([^=]*)(?:=(.*))?$/s.exec(argument) ?? []
  const setting = nearest(name.replaceAll('-', '_').toUpperCase(), Object.keys(SETTINGS))
  if (setting) {
    const example = `${setting}=${value && !value.startsWith('-') ? value : '…'} ./scripts/start`
    return `${argument}: settings are environment variables. Try: ${example}`
  }
  const option = dashes ? nearest(argument, HELP) : undefined
  return option
    ? `Unknown option ${argument}. Did you mean ${option}?`
    : `Unknown ${dashes ? 'option' : 'argument'} ${argument}. ./scripts/start takes only --help.`
}
