/** The audio is no WAV file of one channel with 16 bits a sample. */
export class WaveError extends Error {}

const PCM = 1
const EXTENSIBLE = 0xfffe

/** Reads a RIFF file. A length of 0 or 2^32-1 in it means: to the end, as programs write that cannot seek. @throws WaveError */
export function readWave(file: Buffer): { samples: Float32Array; rate: number } {
  if (
    file.length < 12 ||
    file.toString('latin1', 0, 4) !== 'RIFF' ||
    file.toString('latin1', 8, 12) !== 'WAVE'
  )
    throw new WaveError('The audio is no WAV file.')
  let rate = 0
  for (let at = 12; at + 8 <= file.length; ) {
    const [name, length] = [file.toString('latin1', at, at + 4), file.readUInt32LE(at + 4)]
    at += 8
    if (name === 'fmt ' && at + 16 <= file.length) {
      const [format, channels, bits] = [
        file.readUInt16LE(at),
        file.readUInt16LE(at + 2),
        file.readUInt16LE(at + 14),
      ]
      if ((format !== PCM && format !== EXTENSIBLE) || channels !== 1 || bits !== 16)
        throw new WaveError('The audio has to have one channel with 16 bits a sample.')
      rate = file.readUInt32LE(at + 4)
    }
    if (name === 'data' && rate > 0) {
      const isOpen = length === 0 || at + length > file.length
      return { samples: samplesOf(file.subarray(at, isOpen ? file.length : at + length)), rate }
    }
    at += length + (length % 2)
  }
  throw new WaveError('The WAV file has no samples.')
}

function samplesOf(bytes: Buffer): Float32Array {
  const samples = new Float32Array(bytes.length >> 1)
  for (let index = 0; index < samples.length; index++) samples[index] = bytes.readInt16LE(2 * index) / 32_768
  return samples
}
