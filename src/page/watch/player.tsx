import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Video } from '../api/types.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { Waveform } from '../parts/waveform.tsx'
import { PlayerControls } from './player-controls.tsx'
import { playerKey } from './player-keys.ts'
import { Resumed } from './resumed.tsx'
import { chapterAt, SeekBar } from './seek-bar.tsx'
import { TrackElements, useShownTrack, useTextTracks } from './text-tracks.tsx'
import { useMediaState } from './use-media-state.ts'
import { useResume } from './use-resume.ts'
import { useSpeed } from './use-speed.ts'
import { useStream } from './use-stream.ts'

/** Time without pointer movement after which the controls are hidden. */
const QUIET_MS = 2500
/** For so long after it, the position at which playback continued is shown. */
const RESUMED_S = 15

interface PlayerProps {
  readonly media: RefObject<HTMLVideoElement>
  readonly video: Video
  /** Seconds at which playback starts. */
  readonly start: number
  /** Whether playback starts by itself, if the browser allows it. */
  readonly autoplay: boolean
  /** A new value makes the player load the captions again. */
  readonly captionsVersion: string
  /** Whether the player has the whole width. */
  readonly theatre: boolean
  readonly onTheatre: () => void
}

export function Player(props: PlayerProps) {
  const { media, video, start, autoplay, captionsVersion, theatre, onTheatre } = props
  const { links } = video
  const box = useRef<HTMLDivElement>(null)
  const state = useMediaState(media, video.duration)
  const { begin, resumedAt, dismiss } = useResume(media, video.id, start)
  const stream = useStream(media, links.stream, begin)
  const { speed, setSpeed, change: changeSpeed } = useSpeed(media, state.ready)
  const tracks = useTextTracks(video, captionsVersion)
  const [captions, setCaptions] = useState(true)
  const [track, setTrack] = useState(0)
  useShownTrack(media, tracks, captions ? track : undefined)
  const [failed, setFailed] = useState(false)
  const { quiet, setQuiet, wake } = useQuiet()
  const hasPicture = Boolean(video.video_codec) || !video.audio_codec
  const toggle = () =>
    media.current!.paused ? void media.current!.play().catch(() => {}) : media.current!.pause()
  const toggleCaptions = () => setCaptions(on => !on)
  const enterFullscreen = async () => {
    await box.current!.requestFullscreen()
    // Nothing else can have the focus now.
    if (!box.current!.contains(document.activeElement)) box.current!.focus()
  }
  const fullscreen = () =>
    void (document.fullscreenElement ? document.exitFullscreen() : enterFullscreen()).catch(() => {})
  const closeResumed = () => {
    dismiss()
    box.current!.querySelector<HTMLElement>('.player-buttons button')!.focus()
  }
  // Before the player is painted, so that it takes keys as soon as it can be seen.
  useLayoutEffect(() => {
    const actions = { toggle, fullscreen, theatre: onTheatre, captions: toggleCaptions, speed: changeSpeed }
    const onKey = (event: KeyboardEvent) => {
      if (!playerKey(event, media.current!, actions)) return
      event.preventDefault()
      wake()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  return (
    <div
      ref={box}
      tabIndex={-1}
      // The time of a video runs from left to right in all languages.
      dir="ltr"
      style={{ aspectRatio: hasPicture ? `${video.width ?? 16} / ${video.height ?? 9}` : '3 / 1' }}
      class={`player${quiet && state.playing && hasPicture ? ' quiet' : ''}${hasPicture ? '' : ' sound'}`}
      onPointerMove={wake}
      onFocusIn={wake}
      onPointerLeave={() => setQuiet(true)}
    >
      {/* biome-ignore lint/a11y/useMediaCaption: the captions appear when the transcript is ready */}
      <video
        ref={media}
        src={stream}
        poster={links.poster ?? undefined}
        preload="metadata"
        autoplay={autoplay}
        playsInline
        aria-label={video.title}
        onClick={toggle}
        onDblClick={fullscreen}
        onError={() => setFailed(true)}
        onLoadedData={() => setFailed(false)}
      >
        <TrackElements tracks={tracks} />
      </video>
      {!hasPicture && <SoundPicture video={video} played={state.time / (state.duration || 1)} />}
      {failed && <Unplayable video={video} />}
      {!state.playing && !failed && (
        <button type="button" class="player-big" aria-label={say('Play')} tabIndex={-1} onClick={toggle}>
          <Icon name="play" filled />
        </button>
      )}
      {resumedAt !== undefined && Math.abs(state.time - resumedAt) < RESUMED_S && !failed && (
        <Resumed
          at={resumedAt}
          onStartOver={() => {
            media.current!.currentTime = 0
            closeResumed()
          }}
          onDismiss={closeResumed}
        />
      )}
      <div class="player-bar">
        <SeekBar
          time={state.time}
          duration={state.duration}
          buffered={state.buffered}
          chapters={video.chapters}
          links={links}
          onSeek={seconds => {
            media.current!.currentTime = seconds
          }}
        />
        <PlayerControls
          {...{ media, state, hasPicture, speed, tracks, track, captions, theatre, onTheatre }}
          chapter={chapterAt(video.chapters, state.time)?.title}
          onToggle={toggle}
          onFullscreen={fullscreen}
          onSpeed={setSpeed}
          onTrack={setTrack}
          onCaptions={toggleCaptions}
        />
      </div>
    </div>
  )
}

/** Whether the pointer has not moved for QUIET_MS. */
function useQuiet() {
  const [quiet, setQuiet] = useState(false)
  const timer = useRef(0)
  const wake = () => {
    setQuiet(false)
    clearTimeout(timer.current)
    timer.current = window.setTimeout(() => setQuiet(true), QUIET_MS)
  }
  return { quiet, setQuiet, wake }
}

/** Shown instead of a picture. @param played 0 to 1 */
function SoundPicture({ video, played }: { video: Video; played: number }) {
  const { peaks } = video.links
  return peaks ? <Waveform link={peaks} played={played} /> : <Icon name="sound" class="icon player-sound" />
}

function Unplayable({ video }: { video: Video }) {
  const playback = video.steps.find(({ name }) => name === 'playback')
  const isConverting = playback?.state === 'pending' || playback?.state === 'running'
  return (
    <p class="player-problem" role="alert" dir="auto">
      {isConverting
        ? say('This video is still being converted to a format that browsers play.')
        : say('This browser cannot play the video. You can download the original instead.')}
    </p>
  )
}
