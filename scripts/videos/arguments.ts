import { nearest } from '../../src/base/nearest.ts'
import { readOptions, serverAddress } from '../command-line/options.ts'
import { UserError } from '../command-line/user-error.ts'

export const USAGE = `Usage: npm run videos -- COMMAND [options]

  list                 the latest videos
  search WORDS         videos with these words in the title, the description or the transcript
  get ID               what is known about a video
  captions ID          prints the captions
  delete ID...         moves videos to the bin; with --permanent, deletes them permanently
  restore ID...        takes videos out of the bin
  retry ID...          runs the steps of processing again that failed

ID is the id of a video, or the address of its page.

  --limit N            videos to list (default: 20)
  --status A,B         list: with one of these states: uploading, processing, ready, failed
  --tag TAG            list, search: with this tag
  --bin                list: what is in the bin
  --step NAME          retry: run this step again, even if it is done
  --format NAME        captions: vtt (default), srt or txt
  --permanent          delete: permanently, not to the bin
  --json               prints a line of JSON for each video
  --url URL            the server (default: LONGTAKE_URL, or http://127.0.0.1:3000)
  --help               prints this text

If the server requires sign-in, set LONGTAKE_KEY to an API key or a token.

Exit codes: 0 done, 1 something was refused, 130 interrupted.
`

/** Each command with the options that it has, besides those of all commands. */
const COMMANDS = {
  list: ['limit', 'status', 'tag', 'bin'],
  search: ['limit', 'status', 'tag'],
  get: [],
  captions: ['format'],
  delete: ['permanent'],
  restore: [],
  retry: ['step'],
} as const satisfies Record<string, readonly string[]>

export type Command = keyof typeof COMMANDS

export interface Arguments {
  readonly command: Command
  readonly server: string
  /** Words of a search. */
  readonly words: string
  /** Ids of videos, in the order of the command line. */
  readonly ids: readonly string[]
  readonly limit: number
  readonly status: string | undefined
  readonly tag: string | undefined
  readonly bin: boolean
  readonly step: string | undefined
  readonly format: Format
  readonly permanent: boolean
  readonly json: boolean
}

export const FORMATS = ['vtt', 'srt', 'txt'] as const
export type Format = (typeof FORMATS)[number]

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i

/** @returns the text to print instead of doing something, or what to do. @throws UserError */
export function readArguments(args: readonly string[]): string | Arguments {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = readOptions(
    {
      limit: text,
      status: text,
      tag: text,
      bin: flag,
      step: text,
      format: { ...text, default: 'vtt' },
      permanent: flag,
      json: flag,
      url: text,
      help: { ...flag, short: 'h' },
    },
    args,
  )
  if (values.help) return USAGE
  const [word, ...others] = positionals
  const command = commandOf(word)
  requireOwnOptions(command, args)
  const { status, tag, bin, step, permanent, json } = values
  return {
    ...{ command, status, tag, bin, step, permanent, json },
    server: serverAddress(values.url),
    words: command === 'search' ? wordsOf(others) : '',
    ids: command === 'search' || command === 'list' ? noIds(command, others) : idsOf(command, others),
    limit: limitOf(values.limit),
    format: formatOf(values.format),
  }
}

function commandOf(word: string | undefined): Command {
  const names = Object.keys(COMMANDS) as Command[]
  const command = names.find(name => name === word)
  if (command) return command
  if (word === undefined) throw new UserError(`Name a command: ${names.join(', ')} (see --help).`)
  const meant = nearest(word, names)
  throw new UserError(
    `Unknown command "${word}". ${meant ? `Did you mean ${meant}?` : `Commands: ${names.join(', ')}.`}`,
  )
}

/** An option that has no effect is a misunderstanding: `get --permanent` may be meant as a deletion. */
function requireOwnOptions(command: Command, args: readonly string[]): void {
  const special = new Set<string>(Object.values(COMMANDS).flat())
  const own = new Set<string>(COMMANDS[command])
  for (const argument of args) {
    const [, name = ''] = /^--([a-z]+)(=|$)/.exec(argument) ?? []
    if (special.has(name) && !own.has(name))
      throw new UserError(`${command} has no option --${name} (see --help).`)
  }
}

function wordsOf(others: readonly string[]): string {
  if (others.length === 0) throw new UserError('Name the words to search: npm run videos -- search WORDS')
  return others.join(' ')
}

function noIds(command: Command, others: readonly string[]): readonly string[] {
  if (command === 'list' && others.length > 0)
    throw new UserError(`list takes no names. To search: npm run videos -- search ${others.join(' ')}`)
  return []
}

function idsOf(command: Command, others: readonly string[]): string[] {
  if (others.length === 0)
    throw new UserError(`Name the video: npm run videos -- ${command} ID (list prints the ids).`)
  const takesSeveral = ['delete', 'restore', 'retry'].includes(command)
  if (others.length > 1 && !takesSeveral)
    throw new UserError(`${command} takes one video, not ${others.length}.`)
  return others.map(text => {
    const [id] = UUID.exec(text) ?? []
    if (!id) throw new UserError(`"${text}" is no id of a video (npm run videos -- list prints the ids).`)
    return id.toLowerCase()
  })
}

function limitOf(value = '20'): number {
  const limit = Number(value)
  if (Number.isInteger(limit) && limit > 0) return limit
  throw new UserError(`--limit must be a number of videos from 1, not "${value}".`)
}

function formatOf(value: string): Format {
  const format = FORMATS.find(name => name === value)
  if (format) return format
  throw new UserError(`--format must be one of ${FORMATS.join(', ')}, not "${value}".`)
}
