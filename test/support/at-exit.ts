type Action = () => void

const actions: Action[] = []
let installed = false

/**
 * Runs `action` when this process ends: by itself, by an error, or by a signal that can be caught; the last registered
 * first. It must be synchronous.
 * @returns a function that takes the action back.
 */
export function atExit(action: Action): () => void {
  if (!installed) install()
  actions.push(action)
  return () => {
    const index = actions.indexOf(action)
    if (index >= 0) actions.splice(index, 1)
  }
}

function install(): void {
  installed = true
  process.on('exit', () => {
    for (const action of actions.toReversed()) {
      try {
        action()
      } catch (error) {
        // One that fails must not keep the others from running.
        console.error(error)
      }
    }
  })
  // A signal without a handler ends Node without the exit event. SIGALRM is how tap ends a test file that takes too long.
  const signals = { SIGHUP: 1, SIGINT: 2, SIGALRM: 14, SIGTERM: 15 }
  for (const [signal, number] of Object.entries(signals))
    process.once(signal, () => process.exit(128 + number))
}
