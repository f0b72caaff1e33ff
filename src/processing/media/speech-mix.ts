import type { MediaStream } from './media-info.ts'

/** Sample rate of the audio for speech-to-text; the waveform is measured at the same rate. */
export const SPEECH_RATE_HZ = 16_000
const SPEECH_BITS_PER_S = 48_000
/** The encoder of the audio for speech-to-text, at a constant bit rate. */
export const SPEECH_MP3 = ['-c:a', 'libmp3lame', '-b:a', String(SPEECH_BITS_PER_S)]
/** Bytes in a second of it. */
export const SPEECH_BYTES_PER_S = SPEECH_BITS_PER_S / 8
/** FFmpeg can mix up to eight placed channels down to two, but not more. */
const PLACED_CHANNELS = 8
/** Below this there is no speech, only mains hum. The filter is applied twice (24 dB per octave). */
const LOWEST_HZ = 100

/**
 * Filters that mix sounds to one channel for speech, in step with the picture: a late start and gaps become silence.
 *
 * Channels are not simply added, because a microphone with wrong polarity, or a wide stereo effect, would cancel out. The phase of the
 * right channel is shifted by 90° first (both pass the same all-pass filter), so that no two channels cancel.
 * @param label of the result in the filter graph.
 */
export function speechMix(sounds: readonly MediaStream[], label: string): string[] {
  const graphs = sounds.flatMap((sound, at) => oneChannel(sound, `mono${at}`))
  const inputs = sounds.map((_, at) => `[mono${at}]`).join('')
  // Not normalized: that would push a quiet speaker below the level of silence.
  const mix = sounds.length > 1 ? [`amix=inputs=${sounds.length}:normalize=0`] : []
  const cut = Array.from({ length: 2 }, () => `highpass=f=${LOWEST_HZ}`)
  const format = 'aformat=channel_layouts=mono:sample_fmts=fltp'
  return [...graphs, `${inputs}${[...mix, ...cut, format].join()}[${label}]`]
}

function oneChannel({ index, channels = 1 }: MediaStream, label: string): string[] {
  const inStep = `aresample=${SPEECH_RATE_HZ}:async=1:first_pts=0:osf=fltp`
  if (channels === 1) return [`[0:${index}]${inStep}[${label}]`]
  // Without `rematrix_maxval`, FFmpeg would make all channels quieter.
  const two =
    channels <= PLACED_CHANNELS
      ? [`${inStep}:ochl=stereo:rematrix_maxval=1000`]
      : [everyOther(channels), inStep]
  const [left, right] = [`${label}l`, `${label}r`]
  return [
    `[0:${index}]${two.join()},channelsplit[${left}][${right}]`,
    `[${left}]aphaseshift=shift=0[${left}s]`,
    `[${right}]aphaseshift=shift=0.5[${right}s]`,
    `[${left}s][${right}s]amerge,pan=mono|c0=0.7071*c0+0.7071*c1[${label}]`,
  ]
}

/** Recorders with a microphone for each person write a channel for each: neighbours go to different sides. */
function everyOther(channels: number): string {
  const side = (first: number) =>
    Array.from({ length: Math.ceil((channels - first) / 2) }, (_, at) => `c${first + 2 * at}`).join('+')
  return `pan=stereo|c0=${side(0)}|c1=${side(1)}`
}
