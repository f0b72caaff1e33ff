const RATE_HZ = 16_000

/** A WAV file with one second of a quiet tone: every speech-to-text service accepts it, and it contains no speech. */
export function quietTone(): File {
  const samples = Int16Array.from(
    { length: RATE_HZ },
    (_, n) => 300 * Math.sin((2 * Math.PI * 440 * n) / RATE_HZ),
  )
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples.byteLength, 4)
  // Format chunk of 16 bytes: PCM, channels, sample rate, bytes per second, bytes per sample, bits per sample.
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(RATE_HZ, 24)
  header.writeUInt32LE(2 * RATE_HZ, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples.byteLength, 40)
  return new File([header, samples], 'check.wav', { type: 'audio/wav' })
}
