import { useRef, useState } from 'preact/hooks'
import type { Video } from '../api/types.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { MenuItem, Popup } from '../parts/popup.tsx'
import { Downloads } from './downloads.tsx'
import { EditDetails } from './edit-details.tsx'
import { deleteAndLeave } from './heading.tsx'

interface VideoActionsProps {
  readonly video: Video
  readonly onChange: (video: Video) => void
  readonly onShare: () => void
}

/** The actions beside the title: to share comes first, and to delete is in a menu. */
export function VideoActions({ video, onChange, onShare }: VideoActionsProps) {
  const more = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)
  const [isEditing, setEditing] = useState(false)
  return (
    <div class="toolbar">
      <button type="button" class="button primary" onClick={onShare}>
        <Icon name="share" /> {say('Share')}
      </button>
      <Downloads video={video} />
      <button
        ref={more}
        type="button"
        class="button only-icon"
        aria-label={say('More actions')}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        title={say('More actions')}
        onClick={() => setOpen(true)}
      >
        <Icon name="more" />
      </button>
      {isOpen && (
        <Popup anchor={more.current!} label={say('More actions')} role="menu" onClose={() => setOpen(false)}>
          <MenuItem onClick={() => setEditing(true)}>
            <Icon name="edit" /> {say('Edit details')}
          </MenuItem>
          <MenuItem class="bad" onClick={() => deleteAndLeave(video)}>
            <Icon name="delete" /> {say('Delete')}
          </MenuItem>
        </Popup>
      )}
      {isEditing && (
        <EditDetails
          video={video}
          onClose={changed => {
            if (changed) onChange(changed)
            setEditing(false)
          }}
        />
      )}
    </div>
  )
}
