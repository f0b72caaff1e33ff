/** Whether files are dragged, not text or a link. */
export const hasFiles = (data: DataTransfer | null) => data?.types.includes('Files') ?? false

/** The dropped or pasted files, with those in dropped folders. Reads the list at once, because the browser empties it after the event. */
export async function filesOf(data: DataTransfer): Promise<File[]> {
  const entries = [...data.items].flatMap(item =>
    item.kind === 'file' ? (item.webkitGetAsEntry() ?? []) : [],
  )
  const plain = [...data.files]
  if (!entries.some(({ isDirectory }) => isDirectory)) return plain
  return (await Promise.all(entries.map(filesIn))).flat()
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile)
    return [
      await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
    ]
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: FileSystemEntry[] = []
  for (;;) {
    // Each call returns only some of the entries.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) break
    found.push(...some)
  }
  // Hidden files, such as .DS_Store
  const visible = found.filter(({ name }) => !name.startsWith('.'))
  return (await Promise.all(visible.map(filesIn))).flat()
}
