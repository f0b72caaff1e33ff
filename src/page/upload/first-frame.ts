import { type ReadonlySignal, type Signal, signal } from '@preact/signals'

/** A file that cannot be drawn in this time has no picture. */
const TIMEOUT_MS = 5000
/** Not the first frame, because many videos begin with a black one. */
const POSITION_S = 1
const WIDTH_PX = 160
const HEIGHT_PX = 90

interface Frame {
  readonly url: Signal<string | undefined>
  /** Undefined once it was drawn or could not be. */
  file: Blob | undefined
  /** Whether its row is on the screen. */
  isWanted: boolean
}

const frames = new Map<string, Frame>()
let isDrawing = false

/** The picture of a file, as an address; undefined until it is drawn. Files are drawn one at a time, and only while their rows are shown. */
export function frameOf(id: string, file: Blob): ReadonlySignal<string | undefined> {
  let frame = frames.get(id)
  if (!frame) {
    frame = { url: signal(undefined), file, isWanted: true }
    frames.set(id, frame)
  }
  frame.isWanted = true
  void drawNext()
  return frame.url
}

/** The row of a file has left the screen. */
export function releaseFrame(id: string): void {
  const frame = frames.get(id)
  if (frame) frame.isWanted = false
}

export function forgetFrame(id: string): void {
  const url = frames.get(id)?.url.value
  if (url) URL.revokeObjectURL(url)
  frames.delete(id)
}

async function drawNext(): Promise<void> {
  if (isDrawing) return
  isDrawing = true
  for (;;) {
    const next = [...frames.values()].find(({ file, isWanted }) => file && isWanted)
    if (!next) break
    const { file } = next
    next.file = undefined
    next.url.value = await draw(file!).catch(() => undefined)
  }
  isDrawing = false
}

async function draw(file: Blob): Promise<string | undefined> {
  const source = URL.createObjectURL(file)
  const video = document.createElement('video')
  try {
    Object.assign(video, { muted: true, playsInline: true, preload: 'auto', src: source })
    await event(video, 'loadeddata')
    if (Number.isFinite(video.duration) && video.duration > POSITION_S) {
      video.currentTime = POSITION_S
      await event(video, 'seeked')
    }
    const { videoWidth, videoHeight } = video
    if (!videoWidth || !videoHeight) return undefined
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width: WIDTH_PX, height: HEIGHT_PX })
    // Like `object-fit: cover`
    const scale = Math.max(WIDTH_PX / videoWidth, HEIGHT_PX / videoHeight)
    const [width, height] = [videoWidth * scale, videoHeight * scale]
    canvas.getContext('2d')!.drawImage(video, (WIDTH_PX - width) / 2, (HEIGHT_PX - height) / 2, width, height)
    const picture = await new Promise<Blob | null>(resolve => canvas.toBlob(resolve, 'image/jpeg', 0.8))
    return picture ? URL.createObjectURL(picture) : undefined
  } finally {
    // Ends the decoder at once.
    video.removeAttribute('src')
    video.load()
    URL.revokeObjectURL(source)
  }
}

function event(video: HTMLVideoElement, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { once: true, signal: AbortSignal.timeout(TIMEOUT_MS) }
    video.addEventListener(name, () => resolve(), options)
    video.addEventListener('error', reject, options)
    options.signal.addEventListener('abort', reject, { once: true })
  })
}
