import { fstatSync, globSync, openSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { StepError } from '../../src/base/errors.ts'
import { recognise } from '../../src/processing/programs/container.ts'
import { UserError } from '../command-line/user-error.ts'

const PATTERN = /[*?[\]{}]/

export interface OpenFile {
  readonly fd: number
  readonly size: number
  /** Time of the last change, in milliseconds since 1970. */
  readonly changed: number
}

/**
 * Absolute paths of the files that a command names, each once. The shell may not have expanded the patterns: they may be quoted, or match
 * only here.
 * @throws UserError if a pattern matches no file
 */
export function filesOf(patterns: readonly string[]): string[] {
  const paths = patterns.flatMap(pattern => {
    // A file's own name may contain the characters of patterns.
    if (!PATTERN.test(pattern) || statSync(pattern, { throwIfNoEntry: false })) return [pattern]
    const found = globSync(pattern).filter(path => statSync(path, { throwIfNoEntry: false })?.isFile())
    if (found.length === 0) throw new UserError(`No file matches ${pattern}`)
    return found.sort()
  })
  return [...new Set(paths.map(path => resolve(path)))]
}

/** Opens a file that the server will accept. @throws UserError */
export async function openMediaFile(path: string): Promise<OpenFile> {
  const file = openFile(path)
  if (file.size === 0) throw new UserError(`${path} is empty.`)
  // The server applies the same rule after the upload, and would refuse it.
  await recognise(path).catch(error => {
    throw error instanceof StepError
      ? new UserError(`${path} is not uploaded: ${lowerFirst(error.message)}`)
      : error
  })
  return file
}

function openFile(path: string): OpenFile {
  try {
    // Opening a pipe would wait for its writer.
    const named = statSync(path)
    if (named.isDirectory()) throw new UserError(`${path} is a directory; name its files: "${path}/*".`)
    if (!named.isFile()) throw new UserError(`${path} is not a file.`)
    const fd = openSync(path, 'r')
    const { size, mtimeMs } = fstatSync(fd)
    return { fd, size, changed: mtimeMs }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new UserError(`No such file: ${path}`)
    if (code === 'EACCES' || code === 'EPERM') throw new UserError(`No permission to read ${path}.`)
    throw error
  }
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}
