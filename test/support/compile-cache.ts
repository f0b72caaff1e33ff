import { join } from 'node:path'

/** For the environment of Node programs: what one of them has compiled serves every later start. */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: join(import.meta.dirname, '..', '.cache', 'compiled') }
