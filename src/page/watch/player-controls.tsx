import type { RefObject } from 'preact'
import { clock } from '../format.ts'
import { say } from '../locale/say.ts'
import { IconButton } from '../parts/icon-button.tsx'
import type { TextTrack } from './text-tracks.tsx'
import type { MediaState } from './use-media-state.ts'
import { SPEEDS } from './use-speed.ts'

interface PlayerControlsProps {
  readonly media: RefObject<HTMLVideoElement>
  readonly state: MediaState
  readonly hasPicture: boolean
  readonly speed: number
  readonly tracks: readonly TextTrack[]
  /** Index of the track to show. */
  readonly track: number
  readonly captions: boolean
  /** Title of the chapter that plays. */
  readonly chapter: string | undefined
  readonly theatre: boolean
  readonly onToggle: () => void
  readonly onFullscreen: () => void
  readonly onTheatre: () => void
  readonly onSpeed: (speed: number) => void
  readonly onTrack: (track: number) => void
  readonly onCaptions: () => void
}

/** The buttons below the picture. */
export function PlayerControls(props: PlayerControlsProps) {
  const { media, state, hasPicture, tracks, captions, onToggle, onFullscreen, onCaptions } = props
  return (
    <div class="player-buttons">
      <IconButton
        label={state.playing ? say('Pause') : say('Play')}
        icon={state.playing ? 'pause' : 'play'}
        filled={!state.playing}
        onClick={onToggle}
      />
      <Volume media={media} state={state} />
      <span class="player-time">
        {clock(state.time)} <span class="of">/ {clock(state.duration)}</span>
      </span>
      <span class="player-chapter">{props.chapter}</span>
      <Choice
        label={say('Speed')}
        value={props.speed}
        choices={SPEEDS.map(speed => [speed, `${speed}×`])}
        onChange={props.onSpeed}
      />
      {tracks.length > 1 && (
        <Choice
          label={say('Caption track')}
          value={props.track}
          choices={tracks.map(({ label }, index) => [index, label])}
          onChange={props.onTrack}
        />
      )}
      {tracks.length > 0 && (
        <IconButton label={say('Captions')} icon="captions" pressed={captions} onClick={onCaptions} />
      )}
      {document.pictureInPictureEnabled && hasPicture && (
        <IconButton
          label={say('Picture in picture')}
          icon="pip"
          class="wide-only"
          onClick={() => void pictureInPicture(media.current!)}
        />
      )}
      <IconButton
        label={say('Theatre mode')}
        title={say('Theatre mode (t)')}
        icon="theatre"
        class="theatre-button"
        pressed={props.theatre}
        onClick={props.onTheatre}
      />
      {hasPicture && <IconButton label={say('Full screen')} icon="fullscreen" onClick={onFullscreen} />}
    </div>
  )
}

function Volume({ media, state }: Pick<PlayerControlsProps, 'media' | 'state'>) {
  return (
    <span class="player-volume">
      <IconButton
        label={state.muted ? say('Unmute') : say('Mute')}
        icon={state.muted ? 'muted' : 'volume'}
        onClick={() => {
          media.current!.muted = !media.current!.muted
        }}
      />
      <input
        class="volume"
        type="range"
        aria-label={say('Volume')}
        min={0}
        max={1}
        step={0.05}
        value={state.muted ? 0 : state.volume}
        onInput={event => {
          media.current!.volume = Number(event.currentTarget.value)
          media.current!.muted = false
        }}
      />
    </span>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: number
  readonly choices: readonly (readonly [value: number, name: string])[]
  readonly onChange: (value: number) => void
}

function Choice({ label, value, choices, onChange }: ChoiceProps) {
  return (
    <label class="speed">
      <span class="visually-hidden">{label}</span>
      <select value={value} onChange={event => onChange(Number(event.currentTarget.value))}>
        {choices.map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

async function pictureInPicture(media: HTMLVideoElement): Promise<void> {
  const change = document.pictureInPictureElement
    ? document.exitPictureInPicture()
    : media.requestPictureInPicture()
  await change.catch(() => {})
}
