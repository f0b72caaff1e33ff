import type { Terminal } from '../command-line/terminal.ts'
import type { Step, Video } from './follow.ts'

const NO_TRANSCRIPT: Readonly<Record<NonNullable<Step['reason']>, string>> = {
  no_audio: 'the video has no audio',
  no_video: 'the file has no picture',
  silent: 'the video is silent',
  too_short: 'the audio is too short for speech',
  not_configured: 'transcripts are off on this server (SPEECH_ENGINE)',
  probe_failed: 'the file could not be checked',
  playback_failed: 'the video could not be made playable',
  poster_failed: 'no thumbnails could be made',
  audio_failed: 'the audio could not be extracted',
  transcribe_failed: 'the audio could not be transcribed',
  partial: 'no part of the audio could be transcribed',
}

/** Prints a line when a step starts or ends, and the progress of running steps as the status. */
export function stepReporter(terminal: Terminal): (video: Video) => void {
  const states = new Map<string, string>()
  return video => {
    for (const step of video.steps) {
      const state = stateText(step, video.status)
      if (state && states.get(step.name) !== state) terminal.line(`  ${step.name.padEnd(12)}${state}`)
      states.set(step.name, state)
    }
    const running = video.steps.filter(step => step.state === 'running')
    if (running.length > 0)
      terminal.status(`  ${running.map(step => `${step.name} ${step.progress} %`).join(', ')}`)
  }
}

/** Empty for a step that has not started. */
function stateText(step: Step, status: Video['status']): string {
  switch (step.state) {
    case 'pending':
      if (step.error?.code === 'speech_model_unavailable') return `waiting: ${step.error.message}`
      return step.error ? `waiting for a retry (${step.error.code}: ${step.error.message})` : ''
    case 'skipped':
      return `skipped (${step.reason ?? 'not needed'})`
    case 'failed':
      // The result has the same sentence.
      if (status === 'failed') return 'failed'
      return `failed (${step.error?.code}: ${step.error?.message})`
    default:
      return step.state
  }
}

/** The result for the person at the terminal: the transcript or why there is none, the failed steps, the address to watch. */
export function resultText(video: Video, videoUrl: string): string {
  if (video.status === 'failed') {
    return `Unsupported file (${video.error?.code}): ${video.error?.message}`
  }
  const failed = video.steps.filter(step => step.state === 'failed')
  const lines = [transcriptText(video)]
  for (const { name, error } of failed)
    lines.push(`The step ${name} failed (${error?.code}): ${error?.message}`)
  const canRetry =
    failed.length > 0 ||
    video.steps.some(({ reason }) => /_failed$|^(not_configured|partial)$/.test(reason ?? ''))
  if (canRetry) lines.push(`To try again: curl -X POST ${videoUrl}/retry`)
  lines.push(`Watch it: ${videoUrl.replace(/\/videos\/([^/]+)$/, '/watch/$1')}`)
  return lines.filter(Boolean).join('\n')
}

function transcriptText(video: Video): string {
  if (video.transcript) return `Transcript:\n\n${video.transcript}\n`
  const step = video.steps.find(({ name }) => name === 'transcribe')
  if (step?.state === 'failed') return ''
  if (step?.state === 'done') return 'There is no transcript: no words were recognized.'
  const why = step?.reason && (NO_TRANSCRIPT[step.reason] ?? step.reason)
  return `There is no transcript: ${why || 'the video was not transcribed'}.`
}
