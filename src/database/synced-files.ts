import { closeSync, fsyncSync, openSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

interface EmscriptenStream {
  readonly node: unknown
  /** The file descriptor; directories have none. */
  readonly nfd?: number
}

interface EmscriptenModule {
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: EmscriptenStream) => number }
    readonly node_ops: { setattr: (node: unknown, changes: { mode?: number }) => void }
    realPath(node: unknown): string
  }
}

/**
 * PGlite's file system with an fsync that reaches the disk. Emscripten's has none, so that PostgreSQL in PGlite would acknowledge
 * commits that a power cut takes back. PostgreSQL has to be told to use it: see `SYNCED`. Its files are closed to other users.
 */
export class SyncedFiles extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(...args)
    const preRun = [
      ...(emscriptenOpts.preRun ?? []),
      (module: unknown) => addFsync(module as EmscriptenModule),
      (module: unknown) => keepClosed(module as EmscriptenModule),
    ]
    return { emscriptenOpts: { ...emscriptenOpts, preRun } } as Awaited<ReturnType<NodeFS['init']>>
  }
}

/**
 * PGlite's start parameters, changed so that PostgreSQL syncs (`-F` turns that off), and by `fsync`: Emscripten's `fdatasync` does
 * nothing and says that it has.
 */
export const SYNCED = [
  ...PGlite.defaultStartParams.filter(parameter => parameter !== '-F'),
  ...['-c', 'fsync=on', '-c', 'wal_sync_method=fsync'],
]

function addFsync({ NODEFS }: EmscriptenModule): void {
  NODEFS.stream_ops.fsync = ({ nfd, node }) => {
    try {
      if (nfd === undefined) syncDirectory(NODEFS.realPath(node))
      else fsyncSync(nfd)
      return 0
    } catch (error) {
      // An exception would cut through PostgreSQL's code: it has to learn of the failure by the result.
      return WASI_ERRNO[(error as NodeJS.ErrnoException).code ?? ''] ?? WASI_ERRNO.EIO
    }
  }
}

/** Emscripten sets the mode of each new file by itself, and by another umask than that of the process. */
function keepClosed({ NODEFS }: EmscriptenModule): void {
  const { setattr } = NODEFS.node_ops
  NODEFS.node_ops.setattr = (node, { mode, ...rest }) =>
    setattr(node, mode === undefined ? rest : { ...rest, mode: mode & ~0o077 })
}

/** WASI snapshot preview 1, `errno`. */
const WASI_ERRNO: Readonly<Record<string, number>> & { readonly EIO: number } = {
  EDQUOT: 19,
  EIO: 29,
  ENOSPC: 51,
  EROFS: 69,
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
