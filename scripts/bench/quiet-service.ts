import { join } from 'node:path'
import { startChildProgram } from '../../test/support/child-program.ts'

/** An api process that logs warnings only, as in production. */
export interface QuietService {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** @param settings on top of those of a quiet api process on a free port. */
export async function startQuietService(settings: Readonly<Record<string, string>>): Promise<QuietService> {
  const { pid, ready, end } = await startChildProgram({
    command: process.execPath,
    args: [join(import.meta.dirname, '..', '..', 'src', 'main.ts')],
    spawn: {
      env: {
        PATH: process.env['PATH'],
        ...{ HOST: '127.0.0.1', PORT: '0', ROLE: 'api', LOG_LEVEL: 'warn', SPEECH_ENGINE: 'off' },
        ...settings,
      },
    },
    ready: line => /^Page: +(http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1],
    lastSignal: 'SIGKILL',
  })
  return { pid, url: ready, stop: async () => void (await end('SIGTERM')) }
}
