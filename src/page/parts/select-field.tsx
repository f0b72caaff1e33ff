interface SelectFieldProps {
  readonly label: string
  readonly value: string
  readonly choices: readonly (readonly [value: string, name: string])[]
  readonly onChange: (value: string) => void
}

/** A labelled list of choices in a form. */
export function SelectField({ label, value, choices, onChange }: SelectFieldProps) {
  return (
    <label class="field">
      {label}
      <select value={value} onChange={event => onChange(event.currentTarget.value)}>
        {choices.map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
