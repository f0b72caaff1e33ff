import { useEffect, useState } from 'preact/hooks'
import type { components } from '../api/api-types.d.ts'
import { requestJson } from '../api/http.ts'

const INTERVAL_MS = 2000

/** Why transcription waits, for people: asked for again and again while `isWaiting`, because a download of the model progresses. */
export function useTranscriptionPause(isWaiting: boolean): string | null {
  const [pause, setPause] = useState<string | null>(null)
  useEffect(() => {
    if (!isWaiting) return
    const ask = async () => {
      const status = await requestJson<components['schemas']['Status']>('status').catch(() => undefined)
      if (status) setPause(status.transcription_pause)
    }
    void ask()
    const timer = setInterval(() => document.hidden || void ask(), INTERVAL_MS)
    return () => {
      clearInterval(timer)
      setPause(null)
    }
  }, [isWaiting])
  return pause
}
