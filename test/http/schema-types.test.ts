import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import ts from 'typescript'

const ROUTES = join(import.meta.dirname, '..', '..', 'src', 'http')
const METHODS = ['get', 'put', 'post', 'patch', 'delete', 'route']

interface Found {
  /** Routes whose types are written by hand, beside their schemas. */
  readonly handwritten: string[]
  /** Functions that make a part of a response, and the type that they are declared to return. */
  readonly views: Map<string, string | undefined>
}

const isApp = (text: string) => /^(app|rest|typed\(\w+\))$/.test(text)

function search(file: string, text: string, { handwritten, views }: Found): void {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.typeArguments)
      if (METHODS.includes(node.expression.name.text) && isApp(node.expression.expression.getText()))
        handwritten.push(`${file}: ${node.expression.getText()}`)
    if (ts.isFunctionDeclaration(node) && /^view[A-Z]/.test(node.name?.text ?? ''))
      views.set(`${file}: ${node.name!.text}`, node.type?.getText())
    ts.forEachChild(node, visit)
  }
  visit(source)
}

t.test('types of requests and responses come from the schemas, and none is written by hand', async t => {
  const found: Found = { handwritten: [], views: new Map() }
  for (const file of globSync('**/*.ts', { cwd: ROUTES }))
    search(file, readFileSync(join(ROUTES, file), 'utf8'), found)
  t.same(found.handwritten, [])
  t.ok(found.views.size >= 8, [...found.views.keys()].join())
  for (const [name, type] of found.views)
    t.match(type, /FromSchema<typeof \w+>|^\w+View$|^OldVideo$|^VideoView\['error'\]$/, name)
})

t.test('the search finds both', async t => {
  const found: Found = { handwritten: [], views: new Map() }
  search(
    'a.ts',
    'app.get<{ Params: { id: string } }>("/x", () => {}); typed(app).post<By>("/y", () => {})',
    found,
  )
  search('b.ts', 'export function viewThing(row: Row) { return { id: row.id } }', found)
  t.equal(found.handwritten.length, 2)
  t.same([...found.views], [['b.ts: viewThing', undefined]])
})
