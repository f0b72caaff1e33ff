import type { Video } from '../api/types.ts'
import { languageName } from '../format.ts'
import { mark, say } from '../locale/say.ts'
import { Conflicts } from '../parts/conflicts.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { ProblemText } from '../parts/problem-text.tsx'
import { SelectField } from '../parts/select-field.tsx'
import { LANGUAGES } from './languages.ts'
import { useDetailsEditor } from './use-details-editor.ts'
import type { DetailsConflict, VideoDetails } from './video-details.ts'

const LABELS: Readonly<Record<keyof VideoDetails, string>> = {
  title: mark('Title'),
  description: mark('Description'),
  tags: mark('Tags'),
  language: mark('Language'),
}

interface EditDetailsProps {
  readonly video: Video
  /** @param changed the video as it was last saved; undefined if nothing was saved. */
  readonly onClose: (changed?: Video) => void
}

/** A form for the title, the description, the tags and the language of a video. */
export function EditDetails({ video, onClose }: EditDetailsProps) {
  const { details, conflicts, problem, canSave, save, close, change } = useDetailsEditor(video, onClose)
  return (
    <Dialog title={say('Edit details')} onClose={close}>
      <form
        method="dialog"
        onSubmit={event => {
          event.preventDefault()
          void save()
        }}
      >
        {conflicts && <FieldConflicts conflicts={conflicts} details={details} onChange={change} />}
        <label class="field">
          {say('Title')}
          <input
            dir="auto"
            value={details.title}
            required
            maxLength={500}
            pattern=".*\S.*"
            onInput={event => change({ title: event.currentTarget.value })}
          />
        </label>
        <label class="field">
          {say('Description')}
          <textarea
            rows={4}
            maxLength={10_000}
            value={details.description}
            onInput={event => change({ description: event.currentTarget.value })}
          />
        </label>
        <label class="field">
          {say('Tags')}
          <input
            value={details.tags}
            placeholder={say('Separated by commas: team, weekly')}
            autocomplete="off"
            onInput={event => change({ tags: event.currentTarget.value })}
          />
        </label>
        <LanguageField language={details.language} onChange={language => change({ language })} />
        <ProblemText text={problem} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            {say('Cancel')}
          </button>
          <button type="submit" class="button primary" aria-disabled={!canSave}>
            {say('Save')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function LanguageField({ language, onChange }: { language: string; onChange: (language: string) => void }) {
  const names = [...new Set([...LANGUAGES, ...(language ? [language] : [])])]
    .map(tag => [tag, languageName(tag)] as const)
    .sort(([, one], [, other]) => one.localeCompare(other))
  return (
    <SelectField
      label={say('Language')}
      value={language}
      choices={[['', say('Detected automatically')], ...names]}
      onChange={onChange}
    />
  )
}

interface FieldConflictsProps {
  readonly conflicts: readonly DetailsConflict[]
  readonly details: VideoDetails
  readonly onChange: (fields: Partial<VideoDetails>) => void
}

function FieldConflicts({ conflicts, details, onChange }: FieldConflictsProps) {
  return (
    <Conflicts
      rows={conflicts.map(({ field, mine, theirs }) => ({
        key: field,
        label: say(LABELS[field]),
        mine,
        theirs,
        chosen: details[field],
      }))}
      textOf={(value, field) =>
        (field === 'language' && value ? languageName(value) : value) || say('(empty)')
      }
      onChoose={(field, value) => onChange({ [field]: value })}
    >
      {conflicts.length > 0
        ? say('Your text is kept unless you choose the other. Then save again.')
        : say('It does not overlap with yours: the form now shows both. Then save again.')}
    </Conflicts>
  )
}
