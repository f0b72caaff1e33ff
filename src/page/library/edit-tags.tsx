import { useState } from 'preact/hooks'
import type { Video } from '../api/types.ts'

import { say, sayCount } from '../locale/say.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { changeTags } from './bulk-actions.ts'

/** A dialog that adds and removes tags of videos. */
export function EditTags({ videos, onClose }: { videos: readonly Video[]; onClose: () => void }) {
  const [text, setText] = useState('')
  const [removed, setRemoved] = useState<readonly string[]>([])
  const tags = [...new Set(videos.flatMap(video => video.tags))]
  const add = text.split(/[,،]/).flatMap(tag => tag.trim() || [])
  const title = sayCount(videos.length, 'Tags of “{title}”', 'Tags of {count} videos', {
    title: videos[0]!.title,
  })
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={event => {
          event.preventDefault()
          onClose()
          if (add.length > 0 || removed.length > 0) void changeTags(videos, { add, remove: removed })
        }}
      >
        <label class="field">
          {say('Add tags')}
          <input
            autofocus
            value={text}
            placeholder={say('team, weekly')}
            autocomplete="off"
            onInput={event => setText(event.currentTarget.value)}
          />
        </label>
        {tags.length > 0 && (
          <fieldset class="tag-choices">
            <legend>{say('Keep these tags')}</legend>
            {tags.map(tag => (
              <label key={tag} class="check">
                <input
                  type="checkbox"
                  checked={!removed.includes(tag)}
                  onChange={event =>
                    setRemoved(
                      event.currentTarget.checked ? removed.filter(each => each !== tag) : [...removed, tag],
                    )
                  }
                />
                <span dir="auto">{tag}</span>
              </label>
            ))}
          </fieldset>
        )}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {say('Cancel')}
          </button>
          <button type="submit" class="button primary">
            <Icon name="check" /> {say('Save')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
