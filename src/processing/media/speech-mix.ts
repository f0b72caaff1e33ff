import type { MediaStream } from './media-info.ts'
import { MAX_PLACED_CHANNELS } from './mix-down.ts'

/** Sample rate of the audio for speech-to-text; the waveform is measured at the same rate. */
export const SPEECH_RATE_HZ = 16_000
const SPEECH_BITS_PER_S = 48_000
/** The encoder of the audio for speech-to-text, at a constant bit rate. */
export const SPEECH_MP3 = ['-c:a', 'libmp3lame', '-b:a', String(SPEECH_BITS_PER_S)]
/** Bytes of one second of this audio. */
export const SPEECH_BYTES_PER_S = SPEECH_BITS_PER_S / 8
/** Lower frequencies contain mains hum and no speech. The filter is applied twice (24 dB per octave). */
const LOWEST_HZ = 100

/**
 * Filters that mix audio streams to one channel for speech-to-text, in sync with the picture: a late start and gaps become silence.
 *
 * Adding two channels would cancel a voice if a microphone has the wrong polarity, or after a wide stereo effect. Therefore the phase of the
 * right channel is shifted by 90° first. (Both channels pass the same all-pass filter.)
 * @param label of the result in the filter graph.
 */
export function speechMix(streams: readonly MediaStream[], label: string): string[] {
  const graphs = streams.flatMap((stream, at) => oneChannel(stream, `mono${at}`))
  const inputs = streams.map((_, at) => `[mono${at}]`).join('')
  // Not normalized, because a quiet speaker would fall below the level of silence.
  const mix = streams.length > 1 ? [`amix=inputs=${streams.length}:normalize=0`] : []
  const cut = Array.from({ length: 2 }, () => `highpass=f=${LOWEST_HZ}`)
  const format = 'aformat=channel_layouts=mono:sample_fmts=fltp'
  return [...graphs, `${inputs}${[...mix, ...cut, format].join()}[${label}]`]
}

function oneChannel({ index, channels = 1 }: MediaStream, label: string): string[] {
  const inSync = `aresample=${SPEECH_RATE_HZ}:async=1:first_pts=0:osf=fltp`
  if (channels === 1) return [`[0:${index}]${inSync}[${label}]`]
  // Without `rematrix_maxval`, FFmpeg would make all channels quieter.
  const two =
    channels <= MAX_PLACED_CHANNELS
      ? [`${inSync}:ochl=stereo:rematrix_maxval=1000`]
      : [everyOther(channels), inSync]
  const [left, right] = [`${label}l`, `${label}r`]
  return [
    `[0:${index}]${two.join()},channelsplit[${left}][${right}]`,
    `[${left}]aphaseshift=shift=0[${left}s]`,
    `[${right}]aphaseshift=shift=0.5[${right}s]`,
    `[${left}s][${right}s]amerge,pan=mono|c0=0.7071*c0+0.7071*c1[${label}]`,
  ]
}

/** Some recorders write one channel per microphone. Neighbouring channels go to different sides. */
function everyOther(channels: number): string {
  const side = (first: number) =>
    Array.from({ length: Math.ceil((channels - first) / 2) }, (_, at) => `c${first + 2 * at}`).join('+')
  return `pan=stereo|c0=${side(0)}|c1=${side(1)}`
}
