import type { Segment, Video } from '../api/types.ts'
import { clock } from '../format.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { MenuItem, Popup } from '../parts/popup.tsx'
import { toast } from '../parts/toasts.tsx'
import { address } from '../router.ts'

const ERROR_S = 10

interface LineMenuProps {
  readonly anchor: HTMLElement
  readonly video: Video
  readonly line: Segment
  readonly onSeek: (seconds: number) => void
  readonly onSpeaker: () => void
  readonly onEdit: () => void
  readonly onClose: () => void
}

/** The actions for a line of the transcript. */
export function LineMenu({ anchor, video, line, onSeek, onSpeaker, onEdit, onClose }: LineMenuProps) {
  return (
    <Popup
      anchor={anchor}
      label={say('Actions for {time}', { time: clock(line.start) })}
      role="menu"
      onClose={onClose}
    >
      <MenuItem onClick={() => onSeek(line.start)}>
        <Icon name="play" /> {say('Play from here')}
      </MenuItem>
      <MenuItem onClick={() => void copy(quoteOf(video, line), say('Quote copied.'))}>
        <Icon name="quote" /> {say('Copy quote')}
      </MenuItem>
      <MenuItem onClick={() => void copy(momentLink(video, line.start), say('Link to the moment copied.'))}>
        <Icon name="link" /> {say('Copy link to this moment')}
      </MenuItem>
      <MenuItem onClick={onSpeaker}>
        <Icon name="tag" /> {line.speaker ? say('Change the speaker') : say('Name the speaker')}
      </MenuItem>
      <MenuItem onClick={onEdit}>
        <Icon name="edit" /> {say('Edit this line')}
      </MenuItem>
    </Popup>
  )
}

/** `“Good morning.” – Ann, Market day, 0:04` */
function quoteOf({ title }: Video, { text, speaker, start }: Segment): string {
  return `“${text}” – ${[speaker, title, clock(start)].filter(Boolean).join(', ')}`
}

/** Tenths of a second, so that the previous line is not heard again. */
function momentLink({ id }: Video, seconds: number): string {
  return address(`watch/${id}?t=${Math.round(10 * seconds) / 10}`)
}

async function copy(text: string, notice: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast(notice)
  } catch {
    toast(say('The browser does not allow copying.'), { seconds: ERROR_S })
  }
}
