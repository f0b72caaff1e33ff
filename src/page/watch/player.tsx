import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { MediaLinks } from '../api/media-links.ts'
import type { Video } from '../api/types.ts'
import { clock } from '../format.ts'
import { Icon } from '../parts/icons.tsx'
import { playerKey } from './player-keys.ts'
import { SeekBar } from './seek-bar.tsx'
import { TrackElements, useShownTrack, useTextTracks } from './text-tracks.tsx'
import { Waveform } from './waveform.tsx'

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3]
/** Milliseconds without a movement until the controls go. */
const QUIET = 2500

interface PlayerProps {
  readonly media: RefObject<HTMLVideoElement>
  readonly video: Video
  readonly source: MediaLinks
  /** Seconds. */
  readonly start: number
  /** Another one makes the player ask for the captions again. */
  readonly captionsVersion: string
  /** Called where the links have expired: asks for others. */
  readonly onExpired: () => void
}

export function Player({ media, video, source, start, captionsVersion, onExpired }: PlayerProps) {
  const box = useRef<HTMLDivElement>(null)
  const state = useMediaState(media, video.duration)
  const [captions, setCaptions] = useState(true)
  const [speed, setSpeed] = useState(() => Number(localStorage.getItem('longtake-speed')) || 1)
  const [quiet, setQuiet] = useState(false)
  const [failed, setFailed] = useState(false)
  const timer = useRef(0)
  const isSound = !video.video_codec && Boolean(video.audio_codec)
  const { links, expires } = source
  // What is played stays the same while the steps behind it go on: `stream` would begin again. A link that has expired goes on there.
  const [{ stream, from }, setStream] = useState({ stream: links.stream, from: 0 })
  const renewing = useRef(false)
  useEffect(() => {
    if (!renewing.current) return
    renewing.current = false
    setStream({ stream: links.stream, from: media.current!.currentTime })
  }, [links.stream])

  useEffect(() => {
    media.current!.playbackRate = speed
    localStorage.setItem('longtake-speed', String(speed))
  }, [speed, state.ready])
  useEffect(() => {
    if (start > 0 && start < Number.POSITIVE_INFINITY) media.current!.currentTime = start
  }, [start])
  useEffect(() => {
    if (from > 0) media.current!.currentTime = from
  }, [from])
  const tracks = useTextTracks(video, links, captionsVersion)
  const [chosen, setChosen] = useState(0)
  useShownTrack(media, tracks, captions ? chosen : undefined)
  const awake = () => {
    setQuiet(false)
    clearTimeout(timer.current)
    timer.current = window.setTimeout(() => setQuiet(true), QUIET)
  }
  const toggle = () =>
    media.current!.paused ? void media.current!.play().catch(() => {}) : media.current!.pause()
  const fullscreen = () =>
    void (document.fullscreenElement ? document.exitFullscreen() : box.current!.requestFullscreen()).catch(
      () => {},
    )
  const setTime = (seconds: number) => {
    media.current!.currentTime = seconds
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const done = playerKey(event, media.current!, {
        toggle,
        fullscreen,
        captions: () => setCaptions(on => !on),
        speed: step =>
          setSpeed(now => SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(now) + step))] ?? 1),
      })
      if (!done) return
      event.preventDefault()
      awake()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  const hide = quiet && state.playing && !isSound
  return (
    <div
      ref={box}
      style={{ aspectRatio: isSound ? '3 / 1' : `${video.width ?? 16} / ${video.height ?? 9}` }}
      class={`player${hide ? ' quiet' : ''}${isSound ? ' sound' : ''}`}
      onPointerMove={awake}
      onFocusIn={awake}
      onPointerLeave={() => setQuiet(true)}
    >
      {/* biome-ignore lint/a11y/useMediaCaption: captions are there as soon as there is a transcript */}
      <video
        ref={media}
        src={stream ?? undefined}
        poster={links.poster ?? undefined}
        preload="metadata"
        playsInline
        aria-label={video.title}
        onClick={toggle}
        onDblClick={fullscreen}
        onError={() => {
          if (Date.now() < expires) return setFailed(true)
          renewing.current = true
          onExpired()
        }}
        onLoadedData={() => setFailed(false)}
      >
        <TrackElements tracks={tracks} />
      </video>
      {isSound &&
        (video.links.peaks ? (
          <Waveform link={video.links.peaks} played={state.time / (state.duration || 1)} />
        ) : (
          <Icon name="sound" class="icon player-sound" />
        ))}
      {failed && (
        <p class="player-problem" role="alert">
          {video.steps.some(({ name, state }) => name === 'playback' && state !== 'done')
            ? 'A version that plays in browsers is being made.'
            : 'This browser cannot play the video. You can download the original instead.'}
        </p>
      )}
      {!state.playing && !failed && (
        <button type="button" class="player-big" aria-label="Play" tabIndex={-1} onClick={toggle}>
          <Icon name="play" filled />
        </button>
      )}
      <div class="player-bar">
        <SeekBar
          time={state.time}
          duration={state.duration}
          buffered={state.buffered}
          chapters={video.chapters}
          links={links}
          onSeek={setTime}
        />
        <div class="player-buttons">
          <button
            type="button"
            class="icon-button"
            aria-label={state.playing ? 'Pause' : 'Play'}
            onClick={toggle}
          >
            <Icon name={state.playing ? 'pause' : 'play'} filled={!state.playing} />
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label={state.muted ? 'Unmute' : 'Mute'}
            onClick={() => {
              media.current!.muted = !media.current!.muted
            }}
          >
            <Icon name={state.muted ? 'muted' : 'volume'} />
          </button>
          <input
            class="volume"
            type="range"
            aria-label="Volume"
            min={0}
            max={1}
            step={0.05}
            value={state.muted ? 0 : state.volume}
            onInput={event => {
              media.current!.volume = Number(event.currentTarget.value)
              media.current!.muted = false
            }}
          />
          <span class="player-time">
            {clock(state.time)} <span class="of">/ {clock(state.duration)}</span>
          </span>
          <span class="grow" />
          <label class="speed">
            <span class="visually-hidden">Speed</span>
            <select value={speed} onChange={event => setSpeed(Number(event.currentTarget.value))}>
              {SPEEDS.map(each => (
                <option key={each} value={each}>
                  {each}×
                </option>
              ))}
            </select>
          </label>
          {tracks.length > 1 && (
            <label class="speed">
              <span class="visually-hidden">Captions shown</span>
              <select value={chosen} onChange={event => setChosen(Number(event.currentTarget.value))}>
                {tracks.map(({ key, label }, index) => (
                  <option key={key} value={index}>
                    {label}
                  </option>
                ))}
              </select>
            </label>
          )}
          {tracks.length > 0 && (
            <button
              type="button"
              class="icon-button"
              aria-label="Captions"
              aria-pressed={captions}
              onClick={() => setCaptions(!captions)}
            >
              <Icon name="captions" />
            </button>
          )}
          {document.pictureInPictureEnabled && !isSound && (
            <button
              type="button"
              class="icon-button wide-only"
              aria-label="Picture in picture"
              onClick={() => {
                const done = document.pictureInPictureElement
                  ? document.exitPictureInPicture()
                  : media.current!.requestPictureInPicture()
                done.catch(() => {})
              }}
            >
              <Icon name="pip" />
            </button>
          )}
          {!isSound && (
            <button type="button" class="icon-button" aria-label="Full screen" onClick={fullscreen}>
              <Icon name="fullscreen" />
            </button>
          )}
        </div>
      </div>
    </div>
  )
}

/** What a media element is doing. @param known seconds, where the element does not know how long it is. */
function useMediaState(media: RefObject<HTMLVideoElement>, known: number | null) {
  const [state, setState] = useState({
    time: 0,
    duration: known ?? 0,
    buffered: 0,
    playing: false,
    muted: false,
    volume: 1,
    ready: false,
  })
  useEffect(() => {
    const element = media.current!
    const read = () => {
      const { buffered, currentTime, duration, paused, muted, volume, readyState } = element
      setState({
        time: currentTime,
        duration: Number.isFinite(duration) && duration > 0 ? duration : (known ?? 0),
        buffered: buffered.length > 0 ? buffered.end(buffered.length - 1) : 0,
        playing: !paused,
        muted,
        volume,
        ready: readyState > 0,
      })
    }
    const names = [
      'timeupdate',
      'durationchange',
      'progress',
      'play',
      'pause',
      'ended',
      'volumechange',
      'seeked',
      'seeking',
      'loadeddata',
    ]
    for (const name of names) element.addEventListener(name, read)
    return () => {
      for (const name of names) element.removeEventListener(name, read)
    }
  }, [known])
  return state
}
