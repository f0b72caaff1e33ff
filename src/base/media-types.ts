interface MediaTypeFacts {
  /** With the dot. The first one names files of this type. */
  readonly extensions: readonly string[]
  /** Whether browsers play it. None of these types can contain a script. */
  readonly plays?: boolean
}

const MEDIA_TYPES: Readonly<Record<string, MediaTypeFacts>> = {
  'video/mp4': { extensions: ['.mp4', '.m4v'], plays: true },
  'video/quicktime': { extensions: ['.mov'], plays: true },
  'video/webm': { extensions: ['.webm'], plays: true },
  'video/x-matroska': { extensions: ['.mkv'], plays: true },
  'video/ogg': { extensions: ['.ogv'], plays: true },
  'video/x-msvideo': { extensions: ['.avi'] },
  'video/mp2t': { extensions: ['.ts', '.mts', '.m2ts'] },
  'video/mpeg': { extensions: ['.mpg', '.mpeg'] },
  'video/3gpp': { extensions: ['.3gp'] },
  'video/x-ms-wmv': { extensions: ['.wmv'] },
  'video/x-flv': { extensions: ['.flv'] },
  'audio/mp4': { extensions: ['.m4a'], plays: true },
  'audio/mpeg': { extensions: ['.mp3'], plays: true },
  'audio/webm': { extensions: ['.weba'], plays: true },
  'audio/ogg': { extensions: ['.ogg', '.opus'], plays: true },
  'audio/wav': { extensions: ['.wav'], plays: true },
  'audio/flac': { extensions: ['.flac'], plays: true },
  'audio/aac': { extensions: ['.aac'], plays: true },
  'audio/x-matroska': { extensions: ['.mka'] },
  'audio/x-ms-wma': { extensions: ['.wma'] },
  'image/gif': { extensions: ['.gif'] },
  'image/apng': { extensions: ['.apng'] },
  'image/jpeg': { extensions: ['.jpg'] },
  'text/vtt': { extensions: ['.vtt'] },
  'application/json': { extensions: ['.json'] },
}

const BY_EXTENSION = new Map(
  Object.entries(MEDIA_TYPES).flatMap(([type, { extensions }]) =>
    extensions.map(extension => [extension, type] as const),
  ),
)

/** The extension for files of a media type, with the dot; empty if the type is unknown. */
export function extensionOf(mediaType: string | null): string {
  return factsOf(mediaType)?.extensions[0] ?? ''
}

/** The media type that a file's extension suggests. @param extension with the dot, in either case. */
export function mediaTypeByExtension(extension: string): string | undefined {
  return BY_EXTENSION.get(extension.toLowerCase())
}

/** Whether browsers play this media type. */
export function playsInBrowsers(mediaType: string | null): boolean {
  return factsOf(mediaType)?.plays ?? false
}

function factsOf(mediaType: string | null): MediaTypeFacts | undefined {
  return mediaType !== null && Object.hasOwn(MEDIA_TYPES, mediaType) ? MEDIA_TYPES[mediaType] : undefined
}
