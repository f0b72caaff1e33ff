import { useState } from 'preact/hooks'
import type { ListedVideo } from '../api/types.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { MenuItem, Popup } from '../parts/popup.tsx'
import { address, navigate } from '../router.ts'
import { copyLinks, download } from './bulk-actions.ts'
import { EditTags } from './edit-tags.tsx'
import { select, selected } from './selection.ts'

interface CardMenuProps {
  readonly video: ListedVideo
  readonly anchor: HTMLElement
  readonly onDelete: () => void
  readonly onClose: () => void
}

export function CardMenu({ video, anchor, onDelete, onClose }: CardMenuProps) {
  const [isTagging, setTagging] = useState(false)
  const { id, title } = video
  if (isTagging) return <EditTags videos={[video]} onClose={onClose} />
  return (
    <Popup
      anchor={anchor}
      label={say('Actions for {title}', { title })}
      role="menu"
      onClose={() => isTagging || onClose()}
    >
      <MenuItem
        onClick={() => {
          navigate(address(`watch/${id}`))
          scrollTo(0, 0)
        }}
      >
        <Icon name="play" /> {say('Open')}
      </MenuItem>
      <MenuItem onClick={() => select([...selected.value, id])}>
        <Icon name="check" /> {say('Select')}
      </MenuItem>
      <MenuItem onClick={() => void copyLinks([video])}>
        <Icon name="link" /> {say('Copy link')}
      </MenuItem>
      <MenuItem onClick={() => download([video])}>
        <Icon name="download" /> {say('Download')}
      </MenuItem>
      <MenuItem onClick={() => setTagging(true)}>
        <Icon name="tag" /> {say('Edit tags')}
      </MenuItem>
      <MenuItem class="bad" onClick={onDelete}>
        <Icon name="delete" /> {say('Delete')}
      </MenuItem>
    </Popup>
  )
}
