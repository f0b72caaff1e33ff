import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileCheck, isRight } from './file-check.ts'

/** Changes whenever this code makes other files of the same model. */
export const MODEL_FORMAT = 1
/** Describes a converted model; written last. */
export const DESCRIPTION = 'model.json'

export interface ModelDescription {
  readonly format: number
  /** SHA-256 of the `model.bin` that it was made of. */
  readonly source: string
  /** Codes of the languages that the model was taught. */
  readonly languages: readonly string[]
  readonly files: Readonly<Record<string, FileCheck>>
}

export interface PreparedModel extends ModelDescription {
  readonly directory: string
}

/** The model in a directory; undefined unless each of its files is as it was written. */
export async function readModel(directory: string): Promise<PreparedModel | undefined> {
  try {
    const description = JSON.parse(await readFile(join(directory, DESCRIPTION), 'utf8')) as ModelDescription
    for (const [name, check] of Object.entries(description.files)) {
      if (!(await isRight(join(directory, name), check))) return undefined
    }
    return { ...description, directory }
  } catch {
    return undefined
  }
}
