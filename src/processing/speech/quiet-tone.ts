const RATE = 16_000

/** A second of a quiet tone as a WAV file: something that every speech-to-text service takes and that says nothing. */
export function quietTone(): File {
  const samples = Int16Array.from({ length: RATE }, (_, n) => 300 * Math.sin((2 * Math.PI * 440 * n) / RATE))
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples.byteLength, 4)
  // A format chunk of 16 bytes: PCM, one channel, sample rate, bytes a second, bytes a sample, bits a sample.
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(RATE, 24)
  header.writeUInt32LE(2 * RATE, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples.byteLength, 40)
  return new File([header, samples], 'check.wav', { type: 'audio/wav' })
}
