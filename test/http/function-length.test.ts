import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import ts from 'typescript'

const HTTP = join(import.meta.dirname, '..', '..', 'src', 'http')
const MAX_LINES = 80

/** Functions of a source text that are longer, as `name: lines`. */
function longFunctions(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const lines = lineAt(node.end) - lineAt(node.getStart()) + 1
      const name = node.name?.getText() ?? `function at line ${lineAt(node.getStart()) + 1}`
      if (lines > MAX_LINES) found.push(`${file}: ${name}: ${lines} lines`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

t.test('a function of more than 80 lines is found', async t => {
  const body = (lines: number) => `{\n${'  x()\n'.repeat(lines - 2)}}`
  t.same(longFunctions('a.ts', `function f() ${body(81)}`), ['a.ts: f: 81 lines'])
  t.same(longFunctions('a.ts', `class A { m() ${body(90)} }`), ['a.ts: m: 90 lines'])
  t.match(longFunctions('a.ts', `x(async () => ${body(82)})`), [/82 lines/])
  t.same(longFunctions('a.ts', `function f() ${body(80)}`), [])
})

t.test('no function of the HTTP API has more than 80 lines', async t => {
  const files = readdirSync(HTTP, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
  t.ok(files.length > 50)
  t.same(
    files.flatMap(name => longFunctions(name, readFileSync(join(HTTP, name), 'utf8'))),
    [],
  )
})
