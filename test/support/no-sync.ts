import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

/** Loaded before the program (`node --import`): syncs that say they are done and do nothing, such as those of a program that forgot them. */
fs.fsyncSync = () => {}
fs.fdatasyncSync = () => {}
const { open } = promises
promises.open = (path, flags, mode) =>
  open(path, typeof flags === 'number' ? flags & ~fs.constants.O_DSYNC : flags, mode)
const file = await open('/dev/null')
Object.assign(Object.getPrototypeOf(file), { sync: async () => {}, datasync: async () => {} })
await file.close()
syncBuiltinESMExports()
