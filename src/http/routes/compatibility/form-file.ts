/** Text fields by name. */
export type Form = Record<string, string>

export interface FormFile {
  readonly filename: string | undefined
  readonly mediaType: string | undefined
  readonly bytes: AsyncIterable<Buffer>
  /** The fields before the file. */
  readonly form: Readonly<Form>
}

/** Reads a file while it arrives. */
export type OnFile = (name: string, file: FormFile) => Promise<void>

export const MAX_FIELDS = 50
/** The longest field is a transcript. */
export const MAX_TEXT_CHARACTERS = 2_000_000
