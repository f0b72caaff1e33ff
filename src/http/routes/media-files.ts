import type { FastifyReply } from 'fastify'
import { notFound } from '../../base/errors.ts'
import { extensionOf, playsInBrowsers } from '../../base/media-types.ts'
import type { Db } from '../../database/schema.ts'
import type { ArtifactKind } from '../../database/tables/videos.ts'
import type { ObjectStorage } from '../../objects/object-storage.ts'
import {
  type ArtifactRow,
  artifactVersion,
  findArtifact,
  firstArtifact,
} from '../../videos/catalogue/artifacts.ts'
import type { SourceRow } from '../../videos/catalogue/videos.ts'
import { makerOf } from '../../videos/pipeline/pipeline.ts'
import type { Media } from '../media-response.ts'
import { absentResult } from '../not-ready.ts'
import { PlayedFiles } from '../played-file.ts'

/** A file of a video and the headers to send with it. */
export type MediaFile = Omit<Media, 'storage' | 'accelRedirect'>

export interface MediaQuery {
  /** Version of the file (`artifactVersion`). */
  readonly v?: string
  /** Index of a track of the source. */
  readonly track?: number
}

/** Finds the file that a route sends. @throws ApiError 404 with the reason if the file does not exist. */
export type FindFile = (
  video: SourceRow,
  reply: FastifyReply,
  query: MediaQuery,
) => MediaFile | Promise<MediaFile>

type Disposition = Media['disposition']

/** The uploaded file. */
export function sourceFile(video: SourceRow, disposition: Disposition): MediaFile {
  return {
    key: video.storage_key,
    contentType: video.content_type ?? 'application/octet-stream',
    disposition,
    filename: video.filename ?? `${video.title}${extensionOf(video.content_type)}`,
    lastModified: video.created_at,
    sha256: video.sha256,
  }
}

/** Finds the first artifact of these kinds that exists. @param what its name in the error. */
export function findArtifactFile(
  db: Db,
  kinds: readonly [ArtifactKind, ...ArtifactKind[]],
  disposition: Disposition,
  what: string,
): FindFile {
  return async (video, reply, { v }) => {
    const found = await firstArtifact(db, video.id, kinds)
    if (found) return artifactFile(video, found, disposition, v)
    throw await absentResult(db, reply, { videoId: video.id, step: makerOf(kinds[0]), what })
  }
}

/** Finds the rendition, or the source if there is no rendition. A source that browsers cannot play is sent as a download. */
export function findStreamFile(db: Db, storage: ObjectStorage): FindFile {
  const played = new PlayedFiles(db, storage)
  return async (video, reply) => {
    const rendition = await played.find(video, reply)
    if (rendition) return artifactFile(video, rendition, 'inline')
    return sourceFile(video, playsInBrowsers(video.content_type) ? 'inline' : 'attachment')
  }
}

/** Finds the audio of the selected track, or of the track that `track` names. */
export function findAudioFile(db: Db): FindFile {
  // Videos of older versions have only the audio for speech-to-text.
  const findSelected = findArtifactFile(db, ['audio_download', 'audio'], 'attachment', 'The audio')
  return async (video, reply, query) => {
    const { track } = query
    const stream = video.streams.find(({ index }) => index === track)
    const isAudio = stream?.kind === 'audio'
    if (track === undefined || (isAudio && stream.selected)) return findSelected(video, reply, {})
    const found = await findArtifact(db, video.id, 'audio_track', String(track))
    if (found) return artifactFile(video, found, 'attachment')
    const what = `The audio of track ${track}`
    throw isAudio ? await absentResult(db, reply, { videoId: video.id, step: 'audio', what }) : notFound(what)
  }
}

function artifactFile(
  video: SourceRow,
  artifact: ArtifactRow,
  disposition: Disposition,
  version?: string,
): MediaFile {
  return {
    key: artifact.storage_key,
    contentType: artifact.content_type,
    disposition,
    filename: `${video.title}${extensionOf(artifact.content_type)}`,
    lastModified: artifact.created_at,
    // Artifacts of older versions have no hash.
    sha256: (artifact.details as { sha256?: string }).sha256 ?? null,
    isVersioned: version === artifactVersion(artifact),
  }
}
