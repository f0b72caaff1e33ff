import { existsSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

/** The directories in which the system looks for programs. */
export function searchPath(): string {
  return process.env['PATH'] ?? ''
}

/** A program is in no directory of the search path. */
export class ProgramMissingError extends Error {}

/** @returns the absolute path of a program. @throws ProgramMissingError */
export function findProgram(name: string): string {
  const places = searchPath()
    .split(delimiter)
    .map(place => join(place, name))
  const found = [...(isAbsolute(name) ? [name] : []), ...places].find(
    place => isAbsolute(place) && existsSync(place),
  )
  if (!found) throw new ProgramMissingError(`${name} was not found in the directories of PATH.`)
  return found
}
