import { useEffect, useRef } from 'preact/hooks'
import type { SoundMix } from './sound-mix.ts'

const BAR_MS = 60
const BAR_WIDTH_PX = 3
const STEP_WIDTH_PX = 6
const LOWEST_PX = 3

/** The loudness of the last seconds, the newest at the right. */
export function LiveWaveform({ mix }: { mix: SoundMix }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const levels: number[] = []
    const add = () => {
      levels.push(mix.level())
      draw(canvas.current!, levels)
    }
    draw(canvas.current!, levels)
    const timer = setInterval(add, BAR_MS)
    return () => clearInterval(timer)
  }, [mix])
  return (
    <div class="stage-waveform" aria-hidden="true">
      <canvas ref={canvas} />
    </div>
  )
}

function draw(canvas: HTMLCanvasElement, levels: number[]): void {
  const { clientWidth, clientHeight } = canvas
  const density = devicePixelRatio
  const [width, height] = [Math.round(clientWidth * density), Math.round(clientHeight * density)]
  // Setting the size clears the canvas.
  Object.assign(canvas, { width, height })
  const context = canvas.getContext('2d')!
  context.scale(density, density)
  context.fillStyle = getComputedStyle(canvas).color
  const count = Math.floor(clientWidth / STEP_WIDTH_PX)
  levels.splice(0, levels.length - count)
  for (let at = 0; at < count; at++) {
    const level = levels[levels.length - 1 - at] ?? 0
    const tall = Math.max(LOWEST_PX, level ** 2 * clientHeight)
    const left = clientWidth - (at + 1) * STEP_WIDTH_PX
    context.beginPath()
    context.roundRect(left, (clientHeight - tall) / 2, BAR_WIDTH_PX, tall, BAR_WIDTH_PX / 2)
    context.fill()
  }
}
