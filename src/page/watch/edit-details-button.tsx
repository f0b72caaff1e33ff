import { useState } from 'preact/hooks'
import type { Video } from '../api/types.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { EditDetails } from './edit-details.tsx'

interface EditDetailsButtonProps {
  readonly video: Video
  readonly onChange: (video: Video) => void
}

/** The button and the dialog that it opens. */
export function EditDetailsButton({ video, onChange }: EditDetailsButtonProps) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <>
      <button type="button" class="button" onClick={() => setIsOpen(true)}>
        <Icon name="edit" /> {say('Edit details')}
      </button>
      {isOpen && (
        <EditDetails
          video={video}
          onClose={changed => {
            if (changed) onChange(changed)
            setIsOpen(false)
          }}
        />
      )}
    </>
  )
}
