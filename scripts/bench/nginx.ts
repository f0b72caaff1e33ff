import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @returns undefined where nginx is not installed, or has no WebDAV. */
export function nginxVersion(): string | undefined {
  try {
    const said = execFileSync('sh', ['-c', 'nginx -V 2>&1'], { encoding: 'utf8' })
    return said.includes('http_dav_module') ? /nginx\/(\S+)/.exec(said)?.[1] : undefined
  } catch {
    return undefined
  }
}

/**
 * Writes a configuration that takes PUT below `/uploads`, and sends what is in another directory below `/files`. One worker, as the others
 * have one event loop. @returns its path.
 */
export function nginxConfig(directory: string, port: number, files = directory): string {
  mkdirSync(join(directory, 'temporary'))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(name => `${name}_temp_path ${directory}/temporary/${name};`)
    .join('\n  ')
  const path = join(directory, 'nginx.conf')
  writeFileSync(
    path,
    `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${directory}/nginx.pid;
error_log stderr notice;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary}
  server {
    listen 127.0.0.1:${port} backlog=1024;
    root ${directory};
    client_max_body_size 0;
    client_body_in_file_only off;
    location /uploads/ { dav_methods PUT; }
    location /files/ { alias ${files}/; sendfile on; }
  }
}
`,
  )
  return path
}
