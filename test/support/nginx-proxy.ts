import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startChildProgram } from './child-program.ts'
import { freePort } from './free-port.ts'
import { throwAwayDirectory } from './throw-away-directory.ts'

const OPERATIONS = join(import.meta.dirname, '..', '..', 'docs', 'operations.md')

/** The `location /` of the documented configuration, in front of another address. */
export function readmeLocation(target: string): string {
  const [, location] =
    /```nginx\n[\s\S]*?( {2}location \/ \{[\s\S]*?\n {2}\})/.exec(readFileSync(OPERATIONS, 'utf8')) ?? []
  if (!location?.includes('http://127.0.0.1:3000'))
    throw new Error('docs/operations.md has no location for nginx')
  return location.replace('http://127.0.0.1:3000', target)
}

/** Starts nginx with a location that passes requests on, over HTTP/1.1 and over HTTP/2 with prior knowledge. It goes with the test. */
export async function startNginx(t: Test, location: string): Promise<{ http1: string; http2: string }> {
  const directory = throwAwayDirectory('nginx')
  mkdirSync(join(directory, 'temporary'))
  const [plain, h2] = [await freePort(), await freePort()]
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(name => `${name}_temp_path ${directory}/temporary/${name};`)
    .join('\n  ')
  const config = join(directory, 'nginx.conf')
  writeFileSync(
    config,
    `daemon off;
master_process off;
pid ${directory}/nginx.pid;
error_log stderr notice;
events {}
http {
  access_log off;
  ${temporary}
  server {
    listen 127.0.0.1:${plain};
    listen 127.0.0.1:${h2} http2;
    client_max_body_size 0;
    ${location}
  }
}
`,
  )
  const program = await startChildProgram({
    command: 'nginx',
    args: ['-p', directory, '-c', config, '-e', 'stderr'],
    ready: line => /using the "\w+" event method|start worker process/.test(line) || undefined,
    lastSignal: 'SIGKILL',
  })
  t.teardown(() => program.end('SIGTERM'))
  return { http1: `http://127.0.0.1:${plain}`, http2: `http://127.0.0.1:${h2}` }
}
