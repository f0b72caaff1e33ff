/** A file with a part of an upload's bytes. */
export interface UploadFile {
  readonly key: string
  /** Offset of the file's first byte in the upload. The file's bytes count up to the first byte of the next file. */
  readonly from: number
}

/** The files of an upload, in order. */
export interface DiskState {
  readonly files: readonly UploadFile[]
}

/** The only file of an upload that was never taken over by another process. It is also the finished object. */
export function mainKey(id: string): string {
  return `uploads/${id}`
}

/** The prefix of the files of writers that took over, and of unfinished copies. */
export function takeoverPrefix(id: string): string {
  return `uploads/${id}.more/`
}

/** The finished object of an upload that has several files. */
export function joinedKey(id: string): string {
  return `uploads/${id}.whole`
}

/** The files that hold the first `offset` bytes of an upload; at least one. */
export function filesUpTo(id: string, state: DiskState | null, offset: number): UploadFile[] {
  const files = state?.files ?? [{ key: mainKey(id), from: 0 }]
  return files.filter((file, index) => index === 0 || file.from < offset)
}

/** @returns null for an upload with only its main file, so most rows have no state. */
export function stateOf(id: string, files: readonly UploadFile[]): DiskState | null {
  return files.length === 1 && files[0]!.key === mainKey(id) ? null : { files }
}
