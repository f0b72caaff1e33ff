import { execFileSync } from 'node:child_process'
import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { nginxVersion } from './nginx.ts'

/** The machine on which the figures were measured, in one line. */
export function describeMachine(): string {
  const nginx = nginxVersion()
  return [
    `${cpus().length} cores (${cpus()[0]?.model.trim()})`,
    `${Math.round(totalmem() / 1024 ** 3)} GiB of memory`,
    `${fileSystemOf(tmpdir())}`,
    `Linux ${release().split('-')[0]}`,
    `Node ${process.version.slice(1)}`,
    `@tus/server ${versionOf('@tus/server')}`,
    `@tus/file-store ${versionOf('@tus/file-store')}`,
    ...(nginx ? [`nginx ${nginx}`] : []),
  ].join(', ')
}

/** The kind of file system that a directory is on. */
export function fileSystemOf(directory: string): string {
  const path = realpathSync(directory)
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' '))
    .filter(([, point]) => point && (path === point || path.startsWith(join(point, '/'))))
  // Of mounts one over the other, the last counts.
  const [, , kind = 'unknown file system'] = mounts.sort((a, b) => a[1]!.length - b[1]!.length).at(-1) ?? []
  return kind
}

/** As its programs tell. @param postgres the process id of a server. */
export function postgresVersion(postgres: number): string {
  const said = execFileSync(`/proc/${postgres}/exe`, ['--version'], { encoding: 'utf8' })
  return said.match(/[\d.]+/)?.[0] ?? ''
}

function versionOf(name: string): string {
  // Not all packages let their package.json be imported.
  let directory = dirname(createRequire(import.meta.url).resolve(name))
  for (; directory !== '/'; directory = dirname(directory)) {
    try {
      const found = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))
      if (found.name === name) return found.version
    } catch {
      // Further up.
    }
  }
  return ''
}
