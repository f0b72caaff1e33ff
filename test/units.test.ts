import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..')
const MAX_FILE_LINES = 300
/** Long by nature: styles, and what programs write. */
const ANY_LENGTH = /\.css$|\.d\.ts$/

/**
 * What a number counts or measures, at the end of its name. A plural counts things (`MAX_TAGS`), and so does a participle
 * (`MAX_REMEMBERED`). The rest are numbers that only identify something.
 */
const UNIT =
  /(^|_)(MS|S|HZ|DB|PX|BYTES|MIB|PERCENT|SHARE|RATIO|FACTOR|LENGTH|WIDTH|HEIGHT|COUNT|[A-Z]{3,}S|CODE|PORT|LEVEL|PROFILE|VERSION|INTEGER)$|^MAX_(\w+_)?[A-Z]+(ED|ING)(_|$)|_PER_[A-Z]+$/
/** Plurals that measure nothing by themselves, and words that only end like one. */
const NO_UNIT = /(^|_)(LIMITS|PROGRESS|LOSS|ACCESS|ADDRESS)$/
/** A number that only identifies something, such as an error code of another program. */
const CODE = /^0[xob]/

/** Numbers at the top of a module whose name does not say what they count. A number up to 1 is a share, a step or a switch. */
function unitless(source: string): string[] {
  const constants = source.matchAll(
    /^(?:export )?const (?<name>[A-Z][A-Z0-9_]*)(?:: number)? = (?<value>-?[0-9][^\n]*)$/gm,
  )
  return [...constants]
    .map(({ groups }) => groups as { name: string; value: string })
    .filter(({ value }) => !CODE.test(value) && !(Number(value) <= 1))
    .map(({ name }) => name)
    .filter(name => !UNIT.test(name) || NO_UNIT.test(name))
}

const files = globSync('{src,scripts,migrations}/**/*.{ts,tsx}', { cwd: ROOT, exclude: ['scripts/node/**'] })

t.test('names of numbers say their unit', async t => {
  t.ok(files.length > 300, 'the files are found')
  const found = files.flatMap(file =>
    unitless(readFileSync(join(ROOT, file), 'utf8')).map(name => `${file}: ${name}`),
  )
  t.same(found, [])
  const source =
    'const PATIENCE = 60\nconst KEPT_S = 60\nexport const MAX_TAGS = 30\nconst MASK = 0o22\nconst LIMIT = 2 ** 20'
  t.same(unitless(source), ['PATIENCE', 'LIMIT'])
})

t.test('no source file is longer than 300 lines', async t => {
  const long = files.filter(file => !ANY_LENGTH.test(file)).map(file => ({ file, lines: linesOf(file) }))
  t.same(
    long.filter(({ lines }) => lines > MAX_FILE_LINES),
    [],
  )
})

function linesOf(file: string): number {
  return readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1
}
