import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { nearest } from '../../src/base/nearest.ts'
import { UserError } from './user-error.ts'

/**
 * Reads the arguments of a command: options and other words.
 * @throws UserError that names the option that was probably meant
 */
export function readOptions<T extends ParseArgsOptionsConfig>(options: T, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    // The other sentences explain rare forms of options.
    const sentence = (error as Error).message.split('. ')[0]!
    const [, unknown] = /^Unknown option '(.*)'/.exec(sentence) ?? []
    const names = Object.keys(options).map(name => `--${name}`)
    const meant = unknown && nearest(unknown, names)
    throw new UserError(meant ? `${sentence}. Did you mean ${meant}?` : `${sentence} (see --help).`)
  }
}

/** The address of the server: the option --url, or LONGTAKE_URL, or the default. @throws UserError */
export function serverAddress(option: string | undefined): string {
  const variable = process.env['LONGTAKE_URL']?.trim()
  const given = option ?? (variable || 'http://127.0.0.1:3000')
  const server = given.replace(/\/+$/, '')
  if (/^https?:\/\//i.test(server) && URL.canParse(server)) return server
  const name = option === undefined ? 'LONGTAKE_URL' : '--url'
  throw new UserError(`${name} must be an address such as http://127.0.0.1:3000, not "${given}".`)
}
