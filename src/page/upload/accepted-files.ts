/** Extensions of media files whose type some browsers do not know. */
const EXTENSIONS = ['.mkv', '.mov', '.ts', '.mts', '.m2ts', '.avi', '.flac', '.mka', '.wmv', '.flv', '.opus']

/** For the file dialog. */
export const ACCEPT = ['video/*', 'audio/*', ...EXTENSIONS].join(',')

type FileFacts = Pick<File, 'name' | 'type' | 'size'>

/** Whether the name or the type is that of a video or audio file. The server checks the content. */
export function isMedia({ name, type }: Pick<File, 'name' | 'type'>): boolean {
  const lowered = name.toLowerCase()
  return /^(video|audio)\//.test(type) || EXTENSIONS.some(extension => lowered.endsWith(extension))
}

export const isSound = (type: string) => type.startsWith('audio/')

/** @returns why some of the files are refused, as a sentence for each reason */
export function refusalsOf(files: readonly FileFacts[]): string[] {
  const empty = files.filter(file => isMedia(file) && file.size === 0)
  const others = files.filter(file => !isMedia(file))
  return [
    ...(others.length > 0 ? [`${namesOf(others)} neither video nor audio.`] : []),
    ...(empty.length > 0 ? [`${namesOf(empty)} empty.`] : []),
  ]
}

/** `“a.txt” is`, `“a.txt” and “b.txt” are`, `“a.txt” and 3 other files are` */
function namesOf([first, second, ...more]: readonly FileFacts[]): string {
  if (!second) return `“${first!.name}” is`
  if (more.length === 0) return `“${first!.name}” and “${second.name}” are`
  return `“${first!.name}” and ${more.length + 1} other files are`
}

/** `Team_meeting-2.mp4` → `Team meeting-2` */
export function titleOf(filename: string): string {
  return (
    filename
      .replace(/\.[^.]+$/, '')
      .replaceAll('_', ' ')
      .trim() || filename
  )
}
