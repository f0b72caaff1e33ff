import { readdirSync, readFileSync } from 'node:fs'

/**
 * Ids of the processes that this one has started, or that those have, and whose command line holds a text. Parents come before their children;
 * the ids themselves say nothing about the order, because Linux begins again at low numbers.
 */
export function childrenWith(text: string): number[] {
  const parents = parentsOfAll()
  /** How many generations a process is after this one; undefined for those of others. */
  const generation = (pid: number): number | undefined => {
    const parent = parents.get(pid)
    if (parent === undefined) return undefined
    const before = parent === process.pid ? 0 : generation(parent)
    return before === undefined ? undefined : before + 1
  }
  return [...parents.keys()]
    .flatMap(pid => {
      const after = generation(pid)
      return after !== undefined && read(`/proc/${pid}/cmdline`).includes(text) ? [{ pid, after }] : []
    })
    .sort((a, b) => a.after - b.after)
    .map(({ pid }) => pid)
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
