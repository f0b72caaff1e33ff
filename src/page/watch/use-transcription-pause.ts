import { useEffect, useState } from 'preact/hooks'
import type { components } from '../api/api-types.d.ts'
import { requestJson } from '../api/http.ts'

const INTERVAL_MS = 2000

/** Why transcription waits, as a sentence to show. Polled while `isWaiting`, because it contains the progress of the model's download. */
export function useTranscriptionPause(isWaiting: boolean): string | null {
  const [pause, setPause] = useState<string | null>(null)
  useEffect(() => {
    if (!isWaiting) return
    const poll = async () => {
      const status = await requestJson<components['schemas']['Status']>('status').catch(() => undefined)
      if (status) setPause(status.transcription_pause)
    }
    void poll()
    const timer = setInterval(() => document.hidden || void poll(), INTERVAL_MS)
    return () => {
      clearInterval(timer)
      setPause(null)
    }
  }, [isWaiting])
  return pause
}
