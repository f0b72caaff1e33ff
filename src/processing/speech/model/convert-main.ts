import { getPriority, setPriority } from 'node:os'
import { convertModel } from './convert-model.ts'

const NICENESS = 10

/** Converts the model in the first directory into the second. */
const [source = '', target = ''] = process.argv.slice(2)
// Only root may raise a priority that is lower already.
if (getPriority() < NICENESS) setPriority(NICENESS)
convertModel(source, target).catch(error => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
})
