import { useEffect, useState } from 'preact/hooks'
import { listTags } from '../api/videos.ts'
import { dayName } from '../format.ts'
import { say } from '../locale/say.ts'
import { Icon } from '../parts/icons.tsx'
import { MenuChoice } from '../parts/popup.tsx'
import { FilterChip } from './filter-chip.tsx'
import { dayStart, type Filters, SINCE, STATUSES } from './filters.ts'

const MAX_SHOWN_TAGS = 12

interface ChipProps {
  readonly filters: Filters
  readonly onChange: (changes: Partial<Filters>) => void
}

export function StatusChip({ filters: { status }, onChange }: ChipProps) {
  const label = STATUSES.find(([value]) => value === status)?.[1] ?? ''
  return (
    <FilterChip name={say('Status')} value={say(label)} role="menu" onRemove={() => onChange({ status: '' })}>
      {() => (
        <>
          <MenuChoice checked={status === ''} onClick={() => onChange({ status: '' })}>
            {say('Any status')}
          </MenuChoice>
          {STATUSES.map(([value, name]) => (
            <MenuChoice key={value} checked={status === value} onClick={() => onChange({ status: value })}>
              {say(name)}
            </MenuChoice>
          ))}
        </>
      )}
    </FilterChip>
  )
}

export function TagChip({ filters: { tag }, onChange }: ChipProps) {
  return (
    <FilterChip name={say('Tag')} value={tag} role="dialog" onRemove={() => onChange({ tag: '' })}>
      {close => (
        <TagChoices
          current={tag}
          onChoose={value => {
            close()
            onChange({ tag: value })
          }}
        />
      )}
    </FilterChip>
  )
}

/** The frequent tags, and a field to find a tag or to type one. */
function TagChoices({ current, onChoose }: { current: string; onChoose: (tag: string) => void }) {
  const [tags, setTags] = useState<readonly string[]>()
  const [text, setText] = useState('')
  useEffect(() => {
    listTags().then(setTags, () => setTags([]))
  }, [])
  const wanted = text.trim().toLocaleLowerCase()
  const shown = (tags ?? []).filter(tag => tag.toLocaleLowerCase().includes(wanted)).slice(0, MAX_SHOWN_TAGS)
  return (
    <form
      class="popup-tags"
      onSubmit={event => {
        event.preventDefault()
        if (wanted) onChoose(shown.find(tag => tag.toLocaleLowerCase() === wanted) ?? text.trim())
      }}
    >
      <input
        class="popup-search"
        aria-label={say('Find a tag')}
        placeholder={say('Find a tag')}
        autocomplete="off"
        maxLength={50}
        value={text}
        onInput={event => setText(event.currentTarget.value)}
      />
      {shown.map(tag => (
        <button
          key={tag}
          type="button"
          class="popup-item"
          aria-pressed={tag === current}
          onClick={() => onChoose(tag)}
        >
          <span dir="auto">{tag}</span>
        </button>
      ))}
      <p class="popup-hint" role="status">
        {tags === undefined
          ? say('Loading the tags…')
          : tags.length === 0
            ? say('No video has a tag yet.')
            : shown.length === 0 && say('Press Enter to filter by this tag.')}
      </p>
    </form>
  )
}

export function DateChip({ filters, onChange }: ChipProps) {
  const { since, from, to } = filters
  const choose = (changes: Partial<Filters>) => onChange({ since: '', from: '', to: '', ...changes })
  return (
    <FilterChip name={say('Date')} value={dateLabel(filters)} role="dialog" onRemove={() => choose({})}>
      {close => (
        <form
          class="popup-dates"
          onSubmit={event => {
            event.preventDefault()
            const days = new FormData(event.currentTarget)
            close()
            choose({ from: String(days.get('from')), to: String(days.get('to')) })
          }}
        >
          {SINCE.map(([value, label]) => (
            <button
              key={value}
              type="button"
              class="popup-item"
              aria-pressed={since === value}
              onClick={() => {
                close()
                choose({ since: value })
              }}
            >
              {say(label)}
            </button>
          ))}
          <div class="popup-range">
            <label class="field">
              {say('From')}
              <input type="date" name="from" defaultValue={from} />
            </label>
            <label class="field">
              {say('To')}
              <input type="date" name="to" defaultValue={to} />
            </label>
          </div>
          <button type="submit" class="button small">
            <Icon name="check" /> {say('Show these days')}
          </button>
        </form>
      )}
    </FilterChip>
  )
}

/** The chosen time, such as `Last 7 days` or `3 Mar – 5 Mar`. */
export function dateLabel({ since, from, to }: Filters): string {
  if (since) return say(SINCE.find(([value]) => value === since)![1])
  const [first, last] = [dayStart(from), dayStart(to)].map(day => day && dayName(day))
  if (first && last) return first === last ? first : `${first} – ${last}`
  if (first) return say('Since {day}', { day: first })
  return last ? say('Until {day}', { day: last }) : ''
}
