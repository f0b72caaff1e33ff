import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { release } from 'node:os'
import { dirname } from 'node:path'
import { findProgram } from './search-path.ts'

/** The files and directories of the machine that a confined program can access, at their usual paths. */
export interface Visible {
  /** Files and directories that it may read. Symbolic links are refused. */
  readonly reads: readonly string[]
  /** Directories that it may change. */
  readonly writes: readonly string[]
  /** Files and directories that it may read, and whose libraries it may load. */
  readonly libraries: readonly string[]
}

/** Programs and libraries of the usual systems. A link (`/lib` → `usr/lib`) stays a link. */
const SYSTEM_PATHS = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store'],
  ...['/etc/alternatives', '/etc/ld.so.cache', '/etc/ld-musl-x86_64.path', '/etc/ld-musl-aarch64.path'],
]
const DEVICES = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom']

/** Processes and threads together. ffmpeg has fewer than 40. */
export const MAX_PROCESSES = 400

/**
 * Since Linux 6.14 each PID namespace has a `pid_max` of its own, at least 301. Before, root would change the machine's.
 * (`RESERVED_PIDS` and `pid_max_min` in kernel/pid.c)
 */
export const HAS_OWN_PID_MAX = process.platform === 'linux' && isAtLeast(6, 14)

function isAtLeast(major: number, minor: number): boolean {
  const [own = 0, after = 0] = release().split('.').map(Number)
  return own > major || (own === major && after >= minor)
}

/**
 * A shell script for the first process in new mount, process, network and user namespaces. It builds a file system in memory with the
 * system's programs and `visible`, makes it the root directory, drops all capabilities and executes the command in `"$@"`.
 * A failure ends it before the command begins.
 * @param root an empty directory; outside of the namespace it stays empty.
 */
export function rootScript(root: string, program: string, { reads, writes, libraries }: Visible): string {
  const system = SYSTEM_PATHS.filter(path => existsSync(path))
  const links = system.filter(path => lstatSync(path).isSymbolicLink())
  const binds = [
    ...system.filter(path => !links.includes(path)).map(path => ({ path, options: 'ro,nosuid,nodev' })),
    ...[...programDirectories(program), ...libraries].map(path => ({ path, options: 'ro,nosuid,nodev' })),
    ...DEVICES.map(path => ({ path, options: 'nosuid,noexec' })),
    ...writes.map(path => ({ path, options: 'rw,nosuid,nodev,noexec' })),
    ...reads.map(path => ({ path, options: 'ro,nosuid,nodev,noexec' })),
  ]
  const directories = binds.filter(({ path }) => lstatSync(path).isDirectory())
  const files = binds.filter(bind => !directories.includes(bind))
  const inside = (path: string) => quote(`.${path}`)
  return [
    'set -e',
    // The PATH of ordinary users often lacks the directories of mount and pivot_root.
    'PATH="$PATH:/usr/sbin:/sbin"',
    `mount -t tmpfs -o size=4m,nr_inodes=1k,mode=755,nosuid,nodev longtake ${quote(root)}`,
    `cd ${quote(root)}`,
    `mkdir -p proc sandbox old ${[...directories.map(({ path }) => path), ...files.map(({ path }) => dirname(path))].map(inside).join(' ')}`,
    ...links.map(path => `ln -s ${quote(readlinkSync(path))} ${inside(path)}`),
    ...files.map(({ path }) => `: > ${inside(path)}`),
    // One call for all mounts takes a tenth of the time of one call for each.
    `printf %s ${quote(binds.map(({ path, options }) => fstabLine(root, path, options)).join(''))} > old/fstab`,
    `mount -a -T ${quote(`${root}/old/fstab`)}`,
    // Some kernels and containers do not allow a /proc of our own; media programs work without it.
    'mount -t proc -o ro,nosuid,nodev,noexec,subset=pid proc proc 2>&- || :',
    // A program that can create namespaces can attack much more of the kernel.
    'echo 0 > /proc/sys/user/max_user_namespaces',
    ...(HAS_OWN_PID_MAX ? [`echo ${MAX_PROCESSES} > /proc/sys/kernel/pid_max`] : []),
    'pivot_root . old',
    'cd /sandbox',
    'umount -l /old',
    'exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all --no-new-privs "$@"',
  ].join('\n')
}

/** fstab(5): blanks and backslashes in a path are octal numbers. */
function fstabLine(root: string, path: string, options: string): string {
  const encode = (text: string) =>
    text.replaceAll(/[\s\\#]/g, character => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
  return `${encode(path)} ${encode(root + path)} none rbind,${options} 0 0\n`
}

export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** The directories of a program that is installed elsewhere, such as in /opt or a home directory. */
function programDirectories(program: string): string[] {
  const path = findProgram(program)
  const directories = [dirname(path), dirname(realpathSync(path))]
  return [...new Set(directories)].filter(
    directory => !SYSTEM_PATHS.some(known => directory === known || directory.startsWith(`${known}/`)),
  )
}
