import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')
/** The first one that runs while processes of the version before it still work. */
const FIRST_ADDITIVE = 31
/** What makes statements of an older version fail. An index can go: they are slower then. */
const BREAKING = [
  /\bdrop\s+(table|column|view|type|sequence|constraint)\b/i,
  /\brename\b/i,
  /\bset\s+not\s+null\b/i,
  /\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b/i,
  /\badd\s+column\b(?![^,`]*\bdefault\b)[^,`]*\bnot\s+null\b/i,
  /\.(dropTable|dropColumn|renameTo|renameColumn|setNotNull|setDataType)\(/,
]

t.test('migrations only add, so that older processes continue during an upgrade', async t => {
  const files = readdirSync(MIGRATIONS).filter(name => Number.parseInt(name, 10) >= FIRST_ADDITIVE)
  for (const file of files) {
    const text = readFileSync(join(MIGRATIONS, file), 'utf8').replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '')
    for (const pattern of BREAKING) t.notMatch(text, pattern, file)
  }
  const renaming = readFileSync(join(MIGRATIONS, '024-transcript-chunks.ts'), 'utf8')
  t.ok(
    BREAKING.some(pattern => pattern.test(renaming)),
    'finds one that does more',
  )
})
