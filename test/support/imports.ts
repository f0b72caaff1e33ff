import { dirname, join, normalize } from 'node:path'

export interface Import {
  readonly from: string
  /** A path as in `from`, or a package's name. */
  readonly to: string
  readonly internal: boolean
  readonly typesOnly: boolean
}

const STATEMENT =
  /^[ \t]*(?:import|export)(?<type>[ \t]+type\b)?(?:\s*(?<names>[\w$*\s{},]*?)\s*from)?\s*(['"])(?<path>[^'"]+)\3/gm
const DYNAMIC = /\bimport\(\s*(['"])(?<path>[^'"]+)\1\s*\)/g
/** Everything below src/ is named by its path there; the other directories keep their names. */
const OUTSIDE_SRC = /^(scripts|migrations|test)\//

/** The imports of one source file. @param file its path below the repository, without `src/` */
export function importsOf(file: string, source: string): Import[] {
  const code = withoutComments(source)
  return [...code.matchAll(STATEMENT), ...code.matchAll(DYNAMIC)].map(({ groups = {} }) => {
    const path = groups['path']!
    const internal = path.startsWith('.')
    const names = /^\{(?<list>[^}]*)\}$/.exec(groups['names'] ?? '')?.groups?.['list']
    const eachIsType = names
      ?.split(',')
      .filter(name => name.trim())
      .every(name => name.trim().startsWith('type '))
    const to = internal ? resolved(file, path) : packageName(path)
    return { from: file, to, internal, typesOnly: Boolean(groups['type'] || eachIsType) }
  })
}

export function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
}

/** Chains of imports that lead back to their first file. */
export function cycles(imports: readonly Import[]): string[] {
  const edges = new Map<string, string[]>()
  for (const { from, to, internal } of imports) {
    if (internal) edges.set(from, [...(edges.get(from) ?? []), to])
  }
  const done = new Set<string>()
  const found: string[] = []
  function visit(file: string, path: readonly string[]): void {
    if (path.includes(file)) found.push(`a cycle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`)
    if (done.has(file) || path.includes(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  return found
}

function resolved(file: string, path: string): string {
  const from = OUTSIDE_SRC.test(file) ? file : `src/${file}`
  return normalize(join(dirname(from), path))
    .replaceAll('\\', '/')
    .replace(/^src\//, '')
}

function packageName(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}
