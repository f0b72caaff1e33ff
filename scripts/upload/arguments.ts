import { readOptions, serverAddress } from '../command-line/options.ts'
import { UserError } from '../command-line/user-error.ts'

const USAGE = `Usage: npm run upload -- FILE... [options]

Uploads video and audio files, one after the other, and follows their processing. FILE may be a pattern, such as
"*.mp4". After Ctrl-C, a lost network or a restart, run the same command again: the uploads resume where they
stopped, and finished ones are not repeated.

  --title TEXT         title of the video, for one file (default: the file name)
  --description TEXT   description of the videos
  --tags A,B           tags of the videos, separated by commas
  --language CODE      language that is spoken, such as en or de
  --unfinished         lists uploads that can be resumed, and uploads nothing
  --json               prints a line of JSON for each file
  --url URL            the server (default: LONGTAKE_URL, or http://127.0.0.1:3000)
  --help               prints this text

If the server requires sign-in, set LONGTAKE_KEY to an API key or a token.

Exit codes: 0 all videos are ready, 1 an upload or its processing failed, 130 interrupted.
`

export interface Arguments {
  readonly patterns: readonly string[]
  readonly server: string
  /** Metadata of every file, besides its name and type. */
  readonly metadata: Readonly<Record<string, string>>
  readonly unfinished: boolean
  readonly json: boolean
}

/** @returns the text to print instead of uploading, or what to do. @throws UserError */
export function readArguments(args: readonly string[]): string | Arguments {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = readOptions(
    {
      title: text,
      description: text,
      tags: text,
      language: text,
      url: text,
      unfinished: flag,
      json: flag,
      help: { ...flag, short: 'h' },
    },
    args,
  )
  if (values.help) return USAGE
  const { title, description, tags, language, unfinished, json } = values
  if (positionals.length === 0 && !unfinished)
    throw new UserError('Name the file to upload: npm run upload -- FILE (see --help).')
  if (positionals.length > 0 && unfinished)
    throw new UserError(
      '--unfinished only lists uploads: leave out the files to list, or the option to upload.',
    )
  const metadata = Object.fromEntries(
    Object.entries({ title, description, tags, language }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )
  return { patterns: positionals, server: serverAddress(values.url), metadata, unfinished, json }
}
