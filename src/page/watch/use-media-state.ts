import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

export interface MediaState {
  /** Seconds. */
  readonly time: number
  /** Seconds. */
  readonly duration: number
  /** End of the loaded part, in seconds. */
  readonly buffered: number
  readonly playing: boolean
  readonly muted: boolean
  /** 0 to 1. */
  readonly volume: number
  /** Whether the duration and the size of the picture are loaded. */
  readonly ready: boolean
}

const EVENTS = [
  ...['timeupdate', 'durationchange', 'progress', 'play', 'pause', 'ended', 'volumechange'],
  ...['seeked', 'seeking', 'loadeddata'],
]

/** @param knownDuration seconds, used while the element has no duration */
export function useMediaState(media: RefObject<HTMLVideoElement>, knownDuration: number | null): MediaState {
  const [state, setState] = useState<MediaState>({
    time: 0,
    duration: knownDuration ?? 0,
    buffered: 0,
    playing: false,
    muted: false,
    volume: 1,
    ready: false,
  })
  useEffect(() => {
    const element = media.current!
    const read = () => setState(stateOf(element, knownDuration))
    for (const name of EVENTS) element.addEventListener(name, read)
    return () => {
      for (const name of EVENTS) element.removeEventListener(name, read)
    }
  }, [knownDuration])
  return state
}

function stateOf(element: HTMLVideoElement, knownDuration: number | null): MediaState {
  const { buffered, currentTime, duration, paused, muted, volume, readyState } = element
  return {
    time: currentTime,
    duration: Number.isFinite(duration) && duration > 0 ? duration : (knownDuration ?? 0),
    buffered: buffered.length > 0 ? buffered.end(buffered.length - 1) : 0,
    playing: !paused,
    muted,
    volume,
    ready: readyState > 0,
  }
}
