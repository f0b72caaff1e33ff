import { say, sayCount } from '../locale/say.ts'

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
  return [...(others.length > 0 ? [sayNotMedia(others)] : []), ...(empty.length > 0 ? [sayEmpty(empty)] : [])]
}

function sayNotMedia([first, second, ...more]: readonly FileFacts[]): string {
  const { name } = first!
  if (!second) return say('“{name}” is neither video nor audio.', { name })
  if (more.length === 0)
    return say('“{name}” and “{second}” are neither video nor audio.', { name, second: second.name })
  return sayCount(
    more.length + 1,
    '“{name}” and {count} other file are neither video nor audio.',
    '“{name}” and {count} other files are neither video nor audio.',
    { name },
  )
}

function sayEmpty([first, second, ...more]: readonly FileFacts[]): string {
  const { name } = first!
  if (!second) return say('“{name}” is empty.', { name })
  if (more.length === 0) return say('“{name}” and “{second}” are empty.', { name, second: second.name })
  return sayCount(
    more.length + 1,
    '“{name}” and {count} other file are empty.',
    '“{name}” and {count} other files are empty.',
    { name },
  )
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
