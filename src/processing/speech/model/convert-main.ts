import { lowerPriority } from '../low-priority.ts'
import { convertModel } from './convert-model.ts'

/** Converts the model in the first directory into the second. */
const [source = '', target = ''] = process.argv.slice(2)
lowerPriority(10)
convertModel(source, target).catch(error => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
})
