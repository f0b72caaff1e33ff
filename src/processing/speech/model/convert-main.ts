import { setPriority } from 'node:os'
import { convertModel } from './convert-model.ts'

/** Converts the model in the first directory into the second. */
const [source = '', target = ''] = process.argv.slice(2)
setPriority(10)
convertModel(source, target).catch(error => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
})
