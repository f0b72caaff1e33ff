/** Mixes the microphone and the sound of the screen into one track, and measures it. */
export class SoundMix {
  readonly #context = new AudioContext()
  readonly #mixed = this.#context.createMediaStreamDestination()
  readonly #analyser = this.#context.createAnalyser()
  readonly #samples = new Float32Array(this.#analyser.fftSize)
  /** The volume of the microphone: 0 or 1. */
  readonly #voice = this.#context.createGain()
  #microphone: AudioNode | undefined
  #screen: AudioNode | undefined

  constructor() {
    this.#voice.connect(this.#mixed)
    this.#voice.connect(this.#analyser)
  }

  get hasSound(): boolean {
    return Boolean(this.#microphone ?? this.#screen)
  }

  get track(): MediaStreamTrack {
    return this.#mixed.stream.getAudioTracks()[0]!
  }

  /** Whether `level` measures. Browsers keep the sound of a page off until the user has clicked something. */
  get isRunning(): boolean {
    return this.#context.state === 'running'
  }

  set muted(muted: boolean) {
    this.#voice.gain.value = muted ? 0 : 1
  }

  setMicrophone(stream: MediaStream | undefined): void {
    this.#microphone?.disconnect()
    this.#microphone = this.#sourceOf(stream)
    this.#microphone?.connect(this.#voice)
  }

  setScreen(stream: MediaStream | undefined): void {
    this.#screen?.disconnect()
    this.#screen = this.#sourceOf(stream)
    this.#screen?.connect(this.#mixed)
    this.#screen?.connect(this.#analyser)
  }

  /** Current loudness, 0 to 1. */
  level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples)
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length
    // Maps -60 dB of full scale to 0, and 0 dB to 1.
    return Math.min(1, Math.max(0, 1 + Math.log10(power + 1e-9) / 6))
  }

  resume(): void {
    if (this.#context.state === 'suspended') void this.#context.resume()
  }

  close(): void {
    void this.#context.close()
  }

  #sourceOf(stream: MediaStream | undefined): AudioNode | undefined {
    const sounds = stream?.getAudioTracks() ?? []
    return sounds.length > 0
      ? this.#context.createMediaStreamSource(new MediaStream(sounds.slice(0, 1)))
      : undefined
  }
}
