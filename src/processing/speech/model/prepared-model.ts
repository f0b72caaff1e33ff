import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileCheck, hasContent } from './file-check.ts'

/** To be increased when this code converts the same model to other files. */
export const MODEL_FORMAT_VERSION = 3
/** Describes a converted model; written last. */
export const DESCRIPTION = 'model.json'

export interface ModelDescription {
  readonly format: number
  /** SHA-256 of the `model.bin` that it was converted from. */
  readonly source: string
  /** Codes of the languages that the model supports. */
  readonly languages: readonly string[]
  readonly files: Readonly<Record<string, FileCheck>>
}

export interface PreparedModel extends ModelDescription {
  readonly directory: string
}

/** The model in a directory; undefined if a file is missing or has changed since it was written. */
export async function readModel(directory: string): Promise<PreparedModel | undefined> {
  try {
    const description = JSON.parse(await readFile(join(directory, DESCRIPTION), 'utf8')) as ModelDescription
    for (const [name, check] of Object.entries(description.files)) {
      if (!(await hasContent(join(directory, name), check))) return undefined
    }
    return { ...description, directory }
  } catch {
    return undefined
  }
}
