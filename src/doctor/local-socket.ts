import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Logger } from 'pino'
import { sha256Hex } from '../base/hash.ts'
import { type DoctorEvent, type ExamineOptions, examine } from './examine.ts'
import type { Installation } from './finding.ts'

/** Every operating system supports Unix socket paths of this length. */
const MAX_PATH_BYTES = 100

type Line = DoctorEvent | { readonly error: string }

/**
 * The path of the socket through which the command makes a service with the embedded database examine itself, because only one process can
 * open that database. Only the same user can open the socket.
 */
export function socketPath(dataDir: string): string {
  const path = join(dataDir, 'doctor.sock')
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path
  const name = sha256Hex(dataDir).slice(0, 16)
  return join(tmpdir(), `longtake-doctor-${name}.sock`)
}

/** Listens for the command. The caller must hold the lock of the data directory. @returns a function that stops listening. */
export async function serveDoctor(installation: Installation, log: Logger): Promise<() => Promise<void>> {
  const path = socketPath(installation.dataDir)
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    void answer(socket, installation, log)
  })
  // A process that was killed leaves its socket file.
  rmSync(path, { force: true })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  const umask = process.umask(0o177)
  try {
    server.listen(path, resolve)
  } finally {
    process.umask(umask)
  }
  await promise
  return async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(done => server.close(done))
  }
}

async function answer(socket: Socket, installation: Installation, log: Logger): Promise<void> {
  const gone = new AbortController()
  socket.once('close', () => gone.abort(new Error('the command has ended')))
  const send = (line: Line) => socket.write(`${JSON.stringify(line)}\n`)
  try {
    for await (const text of createInterface({ input: socket })) {
      const { deep, repair } = JSON.parse(text) as ExamineOptions
      for await (const event of examine(installation, { deep, repair }, gone.signal)) send(event)
      break
    }
  } catch (error) {
    if (!gone.signal.aborted) log.warn({ err: error }, 'npm run doctor could not examine the installation')
    if (socket.writable) send({ error: (error as Error).message })
  }
  socket.end()
}

/** Makes a running service examine itself. @throws Error if no service responds, or if the examination fails. */
export async function* examineByService(
  dataDir: string,
  options: ExamineOptions,
): AsyncGenerator<DoctorEvent> {
  const socket = connect(socketPath(dataDir))
  const failure = new Promise<never>((_, reject) => socket.once('error', reject))
  failure.catch(() => {})
  await Promise.race([new Promise(resolve => socket.once('connect', resolve)), failure])
  socket.write(`${JSON.stringify(options)}\n`)
  try {
    for await (const text of createInterface({ input: socket })) {
      const line = JSON.parse(text) as Line
      if ('error' in line) throw new Error(line.error)
      yield line
      if ('end' in line) return
    }
    throw new Error('the service ended during the examination')
  } finally {
    socket.destroy()
  }
}
