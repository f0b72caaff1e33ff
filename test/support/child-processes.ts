import { readdirSync, readFileSync } from 'node:fs'

/** Ids of the processes that this one has started, or that those have, and whose command line holds a text. */
export function childrenWith(text: string): number[] {
  const parents = parentsOfAll()
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && (parents.get(pid) === process.pid || isOurs(parents.get(pid)))
  return [...parents.keys()].filter(pid => isOurs(pid) && read(`/proc/${pid}/cmdline`).includes(text))
}

/** Ids of the processes that a process has started. */
export function childrenOf(pid: number): number[] {
  return [...parentsOfAll()].flatMap(([child, parent]) => (parent === pid ? [child] : []))
}

/** Parents of all processes that run. */
function parentsOfAll(): Map<number, number> {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    const stat = read(`/proc/${entry}/stat`)
    // The name in parentheses may hold anything; a process that ended and that nobody has asked about yet is state Z.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (parent && state !== 'Z') parents.set(Number(entry), Number(parent))
  }
  return parents
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}
