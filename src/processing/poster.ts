import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StepError } from '../errors.ts'
import type { Step } from './step.ts'
import { takePoster } from './take-poster.ts'

/** A still that stands for the video in lists and before it plays. */
export const poster: Step = {
  patience: 120,
  async run({ video, storage, directory, signal }) {
    const path = join(directory, 'poster.jpg')
    // The first frames are often black.
    const start = (video.duration ?? 0) / 10
    await storage.withFile(video.storage_key, async source => {
      await takePoster(source, path, start, { signal })
      if (start > 0 && !(await exists(path))) await takePoster(source, path, 0, { signal })
    })
    if (!(await exists(path))) {
      throw new StepError('undecodable', 'No picture could be decoded from the file.', { retryable: false })
    }
    return { file: { kind: 'poster', path, extension: '.jpg', contentType: 'image/jpeg', details: {} } }
  },
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    stats => stats.size > 0,
    () => false,
  )
}
