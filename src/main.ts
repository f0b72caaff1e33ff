import { Ending } from './base/ending.ts'

// To load the rest takes most of the time of a start. A signal meanwhile must not be lost, which it would be without a handler if this is the
// first process of a container.
const ending = new Ending()
const { runService } = await import('./service.ts')
await runService(ending)
