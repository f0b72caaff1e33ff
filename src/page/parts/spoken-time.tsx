import { clock, spokenClock } from '../format.ts'

/** A time such as `2:03`, which screen readers read as `2 minutes 3 seconds`. */
export function SpokenTime({ seconds, ...rest }: { seconds: number; class?: string }) {
  return (
    <>
      <span {...rest} aria-hidden="true">
        {clock(seconds)}
      </span>
      <span class="visually-hidden">{spokenClock(seconds)}</span>
    </>
  )
}
