import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Ending } from './base/ending.ts'
import { isDatabaseUnavailable, StartError } from './base/errors.ts'
import { createLog, scrubber, secretsOf } from './base/log.ts'
import type { Config } from './config/config.ts'
import { loadConfig } from './config/load.ts'
import { startRoles } from './roles.ts'
import { readArguments } from './terminal/arguments.ts'

/** Delay before a start is repeated. */
const RETRY_MS = 1000

/** Runs the service as its arguments and settings say. Ends the process with the reason if the start fails. */
export async function runService(ending: Ending): Promise<void> {
  // The secrets of the settings are known once the settings have been read.
  let scrub = scrubber([])
  try {
    const usage = readArguments(process.argv.slice(2))
    if (usage !== undefined) {
      process.stdout.write(usage)
      return
    }
    const config = loadConfig(process.env)
    scrub = scrubber(secretsOf(config))
    const log = await createLog(config.logLevel, scrub)
    process.on('uncaughtException', err => {
      log.fatal({ err }, 'unexpected error')
      process.exit(1)
    })
    ending.log = log
    await startPatiently(config, log, ending)
    ending.hasStarted = true
  } catch (error) {
    // Parts that the signal has stopped fail. The signal ends the process.
    if (ending.isStopping) return
    const text = error instanceof StartError ? error.message : String((error as Error)?.stack ?? error)
    process.stderr.write(`${scrub(text)}\n`)
    process.exit(1)
  }
}

/** Starts again if the database goes away during the start. */
async function startPatiently(config: Config, log: Logger, ending: Ending): Promise<void> {
  for (;;) {
    try {
      return await startRoles({ config, log, stops: ending.stops })
    } catch (err) {
      if (ending.isStopping || err instanceof StartError || !isDatabaseUnavailable(err)) throw err
      log.warn({ err }, 'the database went away during the start, starting again')
      await pause(RETRY_MS)
    }
  }
}
