import { useEffect, useState } from 'preact/hooks'

const KEY = 'longtake-theatre'

/** Whether the player has the whole width, stored in the browser. */
export function useTheatre() {
  const [theatre, setTheatre] = useState(() => localStorage.getItem(KEY) === '1')
  useEffect(() => localStorage.setItem(KEY, theatre ? '1' : '0'), [theatre])
  return { theatre, toggleTheatre: () => setTheatre(now => !now) }
}
