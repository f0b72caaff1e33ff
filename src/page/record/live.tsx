import { say } from '../locale/say.ts'
import type { Recording } from './recording.ts'
import { ConnectionLost } from './saved-text.tsx'
import { TitleField } from './title-field.tsx'

/** The parts below the preview during a recording. */
export function Live({ recording }: { recording: Recording }) {
  return (
    <div class="record-live">
      <TitleField recording={recording} />
      <ConnectionLost recording={recording} />
      <p class="hint">{say('You can use other views meanwhile: the recording goes on.')}</p>
    </div>
  )
}
