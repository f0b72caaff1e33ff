import { useEffect, useRef, useState } from 'preact/hooks'
import { say } from '../locale/say.ts'
import type { SoundMix } from './sound-mix.ts'

/** Loudness below this counts as silence. */
const SILENT_LEVEL = 0.15
const SILENCE_MS = 4000

interface LevelMeterProps {
  readonly mix: SoundMix | undefined
  /** Silence is what the user wants. */
  readonly muted?: boolean
}

/** Shows the loudness, and a hint after SILENCE_MS of silence. Draws the bar directly, because it changes sixty times a second. */
export function LevelMeter({ mix, muted = false }: LevelMeterProps) {
  const bar = useRef<HTMLDivElement>(null)
  const [silent, setSilent] = useState(false)
  useEffect(() => {
    if (!mix) return
    let frame = 0
    let lastSoundMs = performance.now()
    const draw = () => {
      const level = mix.level()
      bar.current!.style.transform = `scaleX(${level})`
      if (level > SILENT_LEVEL || muted || !mix.isRunning) lastSoundMs = performance.now()
      setSilent(performance.now() - lastSoundMs > SILENCE_MS)
      frame = requestAnimationFrame(draw)
    }
    draw()
    return () => cancelAnimationFrame(frame)
  }, [mix, muted])
  return (
    <span class="level-box">
      <span class="level" aria-hidden="true">
        <span ref={bar} class="level-bar" />
      </span>
      <span class="hint" role="status">
        {silent ? say('No sound. Is the microphone on?') : ''}
      </span>
    </span>
  )
}
