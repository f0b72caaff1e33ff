import { startTicks } from './ticks.ts'

/** Places of the camera's circle, in the order in which it moves. */
const CORNERS = [
  [1, 1],
  [0, 1],
  [0, 0],
  [1, 0],
] as const

const FRAME_MS = 1000 / 30
/** Of the shorter side of the picture. */
const DIAMETER_SHARE = 0.26
const MARGIN_SHARE = 0.035
const RING_SHARE = 0.006

/** Draws the camera as a circle in a corner of the screen. */
export class CameraOverScreen {
  readonly stream: MediaStream
  readonly #canvas = document.createElement('canvas')
  readonly #context = this.#canvas.getContext('2d', { alpha: false })!
  readonly #screen: HTMLVideoElement
  #camera: HTMLVideoElement | undefined
  #corner = 0
  readonly #stop: () => void

  constructor(screen: MediaStream) {
    this.#screen = playing(screen)
    const { width = 1280, height = 720 } = screen.getVideoTracks()[0]!.getSettings()
    // The size stays when a shared window changes its own: not all browsers can record such a change.
    Object.assign(this.#canvas, { width, height })
    this.#draw()
    this.stream = this.#canvas.captureStream()
    this.#stop = startTicks(FRAME_MS, () => this.#draw())
  }

  setCamera(camera: MediaStream | undefined): void {
    this.#camera = camera && playing(camera)
  }

  moveToNextCorner(): void {
    this.#corner = (this.#corner + 1) % CORNERS.length
  }

  close(): void {
    this.#stop()
    for (const track of this.stream.getTracks()) track.stop()
  }

  #draw(): void {
    const { width, height } = this.#canvas
    const context = this.#context
    const { videoWidth, videoHeight } = this.#screen
    const scale = Math.min(width / videoWidth, height / videoHeight)
    const [shownWidth, shownHeight] = [videoWidth * scale, videoHeight * scale]
    context.fillStyle = '#000'
    context.fillRect(0, 0, width, height)
    if (videoWidth > 0)
      context.drawImage(
        this.#screen,
        (width - shownWidth) / 2,
        (height - shownHeight) / 2,
        shownWidth,
        shownHeight,
      )
    if (this.#camera && this.#camera.videoWidth > 0) this.#drawCamera(this.#camera)
  }

  #drawCamera(camera: HTMLVideoElement): void {
    const { width, height } = this.#canvas
    const context = this.#context
    const shorter = Math.min(width, height)
    const radius = (shorter * DIAMETER_SHARE) / 2
    const inset = shorter * MARGIN_SHARE + radius
    const [right, bottom] = CORNERS[this.#corner]!
    const [x, y] = [right ? width - inset : inset, bottom ? height - inset : inset]
    // The middle of the camera's picture, as a square
    const side = Math.min(camera.videoWidth, camera.videoHeight)
    const [left, top] = [(camera.videoWidth - side) / 2, (camera.videoHeight - side) / 2]
    context.save()
    context.translate(x, y)
    context.beginPath()
    context.arc(0, 0, radius, 0, 2 * Math.PI)
    context.save()
    context.clip()
    // As in a mirror: people know their own face like that.
    context.scale(-1, 1)
    context.drawImage(camera, left, top, side, side, -radius, -radius, 2 * radius, 2 * radius)
    context.restore()
    context.lineWidth = Math.max(2, shorter * RING_SHARE)
    context.strokeStyle = '#fff'
    context.stroke()
    context.restore()
  }
}

function playing(stream: MediaStream): HTMLVideoElement {
  const video = document.createElement('video')
  Object.assign(video, { muted: true, playsInline: true, srcObject: stream })
  void video.play().catch(() => {})
  return video
}
