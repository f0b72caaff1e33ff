export type Kind = 'camera' | 'screen' | 'sound'

export interface Capture {
  readonly stream: MediaStream
  /** Current loudness, 0 to 1. */
  level(): number
  /** Releases camera, screen and microphone. */
  close(): void
}

const SPEECH = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
/** The sound of programs is recorded unprocessed. */
const UNPROCESSED = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
const HD = { width: { ideal: 1920 }, height: { ideal: 1080 }, frameRate: { ideal: 30 } }

/**
 * Opens the camera, the screen and the microphone. The microphone and the sound of the screen are mixed into one track.
 * @param onEnd called if the user stops sharing with the browser's own button, or unplugs the device
 * @throws Error with a message to show
 */
export async function openCapture(kind: Kind, microphone: boolean, onEnd: () => void): Promise<Capture> {
  const streams: MediaStream[] = []
  let opening = kind
  try {
    if (kind === 'screen')
      streams.push(await navigator.mediaDevices.getDisplayMedia({ video: HD, audio: UNPROCESSED }))
    if (kind !== 'screen' || microphone) {
      if (kind === 'screen') opening = 'sound'
      streams.push(
        await navigator.mediaDevices.getUserMedia({
          ...(kind === 'camera' && { video: HD }),
          ...((microphone || kind === 'sound') && { audio: SPEECH }),
        }),
      )
    }
  } catch (error) {
    for (const track of streams.flatMap(stream => stream.getTracks())) track.stop()
    throw new Error(reasonOf(error as DOMException, opening), { cause: error })
  }
  const tracks = streams.flatMap(stream => stream.getTracks())
  const sounds = tracks.filter(track => track.kind === 'audio')
  const pictures = tracks.filter(track => track.kind === 'video')

  const context = new AudioContext()
  const mixed = context.createMediaStreamDestination()
  const analyser = context.createAnalyser()
  for (const sound of sounds) {
    const source = context.createMediaStreamSource(new MediaStream([sound]))
    source.connect(mixed)
    source.connect(analyser)
  }
  for (const track of pictures.length > 0 ? pictures : sounds) track.addEventListener('ended', onEnd)
  const samples = new Float32Array(analyser.fftSize)
  return {
    stream: new MediaStream([...pictures, ...(sounds.length > 0 ? mixed.stream.getAudioTracks() : [])]),
    level() {
      analyser.getFloatTimeDomainData(samples)
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
      // Maps -60 dB of full scale to 0, and 0 dB to 1.
      return Math.min(1, Math.max(0, 1 + Math.log10(power + 1e-9) / 6))
    },
    close() {
      for (const track of tracks) track.stop()
      void context.close()
    },
  }
}

/** The first suitable media type that the browser can record. */
export function recordingType(kind: Kind): string {
  const types =
    kind === 'sound'
      ? ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']
      : ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4']
  return types.find(type => MediaRecorder.isTypeSupported(type)) ?? ''
}

function reasonOf({ name }: DOMException, kind: Kind): string {
  const device = { camera: 'camera or microphone', screen: 'screen', sound: 'microphone' }[kind]
  if (name === 'NotAllowedError')
    return kind === 'screen'
      ? 'Nothing was shared. Choose a screen or a window, and allow the browser to record it.'
      : `The browser does not allow the use of your ${device}. Allow it next to the address bar, then try again.`
  if (name === 'NotFoundError') return `No ${device} was found. Connect one, then try again.`
  if (name === 'NotReadableError') return `Another program is using your ${device}. Close it, then try again.`
  return `Your ${device} could not be opened (${name}).`
}
