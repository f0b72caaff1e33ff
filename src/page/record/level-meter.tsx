import { useEffect, useRef, useState } from 'preact/hooks'
import type { Capture } from './capture.ts'

/** Loudness below this counts as silence. */
const SILENT_LEVEL = 0.15
const SILENCE_MS = 4000

/** Shows the loudness, and a hint after SILENCE_MS of silence. Draws the bar directly, because it changes sixty times a second. */
export function LevelMeter({ capture }: { capture: Capture }) {
  const bar = useRef<HTMLDivElement>(null)
  const [silent, setSilent] = useState(false)
  useEffect(() => {
    if (capture.stream.getAudioTracks().length === 0) return
    let frame = 0
    let lastSoundMs = performance.now()
    const draw = () => {
      const level = capture.level()
      bar.current!.style.transform = `scaleX(${level})`
      if (level > SILENT_LEVEL) lastSoundMs = performance.now()
      setSilent(performance.now() - lastSoundMs > SILENCE_MS)
      frame = requestAnimationFrame(draw)
    }
    draw()
    return () => cancelAnimationFrame(frame)
  }, [capture])
  if (capture.stream.getAudioTracks().length === 0) return <span class="hint">No sound</span>
  return (
    <span class="level-box">
      <span class="level" aria-hidden="true">
        <span ref={bar} class="level-bar" />
      </span>
      <span class="hint" role="status">
        {silent ? 'No sound. Is the microphone on?' : ''}
      </span>
    </span>
  )
}
