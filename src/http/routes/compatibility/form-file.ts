/** Text fields by name. */
export type Form = Record<string, string>

export interface FormFile {
  readonly filename: string | undefined
  readonly mediaType: string | undefined
  readonly bytes: AsyncIterable<Buffer>
  /** The fields that came before the file. */
  readonly form: Readonly<Form>
}

/** Takes in a file while it arrives. */
export type OnFile = (name: string, file: FormFile) => Promise<void>

export const MAX_FIELDS = 50
/** As many as a transcript may have. */
export const MAX_TEXT_CHARACTERS = 2_000_000
