import { STEP_NAMES } from '../../database/tables/steps.ts'
import { artifactVersion } from '../../videos/catalogue/artifacts.ts'
import type { Video } from '../../videos/catalogue/videos.ts'
import type { VideoView } from './video-schema.ts'

/** Values for stream properties that older versions did not save. */
const UNKNOWN_STREAM = {
  ...{ index: null, supported: true, language: null, title: null, default: false, forced: false },
  ...{ selected: false, trimmed: null, transcribed: false, dolby_vision_profile: null },
}

/** A video as responses show it. @param base the public URL without a trailing slash, or '' for links relative to the origin. */
export function viewVideo(video: Video, base: string): VideoView {
  const self = `${base}/videos/${video.id}`
  const has = (kind: string) => video.artifacts.some(artifact => artifact.kind === kind)
  const steps = STEP_NAMES.flatMap(name => video.steps.filter(step => step.name === name))
  const ifText = (path: string) => (video.transcript ? `${self}/${path}` : null)
  return {
    id: video.id,
    title: video.title,
    description: video.description,
    status: video.status,
    upload: video.upload,
    error: viewError(video),
    incomplete: video.incomplete,
    filename: video.filename,
    content_type: video.content_type,
    language: video.language ?? video.transcript?.language ?? null,
    tags: video.tags,
    size: video.size,
    sha256: video.sha256,
    duration: video.duration,
    declared_duration: video.declared_duration,
    width: video.width,
    height: video.height,
    rotation: video.rotation,
    frame_rate: video.frame_rate,
    bit_rate: video.bit_rate,
    container: video.container,
    video_codec: video.video_codec,
    audio_codec: video.audio_codec,
    streams: video.streams.map(stream => ({ ...UNKNOWN_STREAM, ...stream })),
    chapters: video.chapters,
    playback: video.playback,
    steps: steps.map(step => ({
      name: step.name,
      state: step.state,
      progress: Math.round(step.progress * 10) / 10,
      attempts: step.attempts,
      reason: step.reason,
      error: viewError(step),
      started_at: step.started_at?.toISOString() ?? null,
      finished_at: step.finished_at?.toISOString() ?? null,
    })),
    notes: steps.flatMap(({ name, notes }) =>
      notes.map(({ code, message }) => ({ step: name, code, message })),
    ),
    speech_seconds_sent: Math.round(video.speech_seconds_sent * 1000) / 1000,
    transcript: video.transcript?.text ?? null,
    links: {
      self,
      stream: `${self}/stream`,
      source: `${self}/source`,
      audio: has('audio') ? `${self}/audio` : null,
      peaks: has('peaks') ? `${self}/peaks.json` : null,
      poster: has('poster') ? `${self}/poster` : null,
      poster_small: smallPosterLink(video, self),
      storyboard: has('storyboard') ? `${self}/storyboard.jpg` : null,
      storyboard_vtt: has('storyboard_vtt') ? `${self}/storyboard.vtt` : null,
      transcript: ifText('transcript'),
      transcript_txt: ifText('transcript.txt'),
      captions: `${self}/captions`,
      chapters_vtt: video.chapters.length > 0 ? `${self}/chapters.vtt` : null,
      captions_vtt: ifText('captions.vtt'),
      captions_srt: ifText('captions.srt'),
      embed: `${self}/embed`,
      events: `${self}/events`,
    },
    created_at: video.created_at.toISOString(),
    updated_at: video.updated_at.toISOString(),
  }
}

/** Videos of older versions have only one size of the poster. */
function smallPosterLink({ artifacts }: Video, self: string): string | null {
  const poster =
    artifacts.find(({ kind }) => kind === 'poster_small') ?? artifacts.find(({ kind }) => kind === 'poster')
  return poster ? `${self}/poster/small?v=${artifactVersion(poster)}` : null
}

function viewError({
  error_code,
  error_message,
}: Pick<Video, 'error_code' | 'error_message'>): VideoView['error'] {
  return error_code === null ? null : { code: error_code, message: error_message ?? '' }
}
