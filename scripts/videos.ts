// Terminal client: lists, searches, changes and deletes the videos of a Longtake server.
import { runCommand } from './command-line/interrupt.ts'
import { readArguments } from './videos/arguments.ts'
import { openApi } from './videos/client.ts'
import { RUN } from './videos/commands.ts'

await runCommand(async signal => {
  const given = readArguments(process.argv.slice(2))
  if (typeof given !== 'string') return RUN[given.command](openApi(given.server, signal), given)
  process.stdout.write(given)
  return 0
})
