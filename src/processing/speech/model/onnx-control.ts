import { OnnxGraph, TYPE, type Value } from './onnx-graph.ts'

/** A value that a loop hands from one pass to the next. Its shape may change. */
export interface LoopVariable {
  readonly type: number
  readonly initial: Value
}

export interface LoopState<Name extends string> {
  readonly named: Readonly<Record<Name, Value>>
  readonly listed: readonly Value[]
}

export interface LoopPass<Name extends string> {
  /** Of nodes of the pass. */
  readonly next: LoopState<Name>
  /** Whether another pass follows. A scalar. */
  readonly goesOn: Value
  /** Floats of the same shape in all passes. */
  readonly emitted: Value
}

/**
 * Adds a loop (ONNX, operator `Loop`).
 * @param limit the greatest number of passes, a scalar. @param build adds one pass; `pass` is its number from 0, a scalar.
 * @returns the variables after the last pass, and what all passes have emitted: [passes, …].
 */
export function addLoop<Name extends string>(
  graph: OnnxGraph,
  limit: Value,
  variables: { named: Readonly<Record<Name, LoopVariable>>; listed: readonly LoopVariable[] },
  build: (graph: OnnxGraph, pass: Value, state: LoopState<Name>) => LoopPass<Name>,
): { readonly state: LoopState<Name>; readonly emitted: Value } {
  const names = Object.keys(variables.named) as Name[]
  const all = [...names.map(name => variables.named[name]), ...variables.listed]
  const stateOf = (values: readonly Value[]): LoopState<Name> => ({
    named: Object.fromEntries(names.map((name, index) => [name, values[index]!])) as Record<Name, Value>,
    listed: values.slice(names.length),
  })
  const body = new OnnxGraph(graph)
  const [pass, condition] = [body.newName('pass'), body.newName('condition')]
  const before = all.map(() => body.newName('before'))
  const { next, goesOn, emitted } = build(body, pass, stateOf(before))
  const after = [...names.map(name => next.named[name]), ...next.listed]
  const port = (name: Value, index: number) => ({ name, type: all[index]!.type })
  const encoded = body.encodeGraph(
    [
      { name: pass, type: TYPE.int64, dims: [] },
      { name: condition, type: TYPE.bool, dims: [] },
      ...before.map(port),
    ],
    [{ name: goesOn, type: TYPE.bool }, ...after.map(port), { name: emitted, type: TYPE.float }],
  )
  const inputs = [limit, '', ...all.map(({ initial }) => initial)]
  const outputs = graph.nodes('Loop', inputs, all.length + 1, { body: { graph: encoded } })
  return { state: stateOf(outputs.slice(0, -1)), emitted: outputs.at(-1)! }
}

type Branch = (graph: OnnxGraph) => readonly Value[]

/** Adds a choice between two graphs (ONNX, operator `If`). @param condition a single boolean. @returns `count` values of floats. */
export function addChoice(
  graph: OnnxGraph,
  condition: Value,
  count: number,
  whenTrue: Branch,
  whenFalse: Branch,
): Value[] {
  const encode = (build: Branch) => {
    const branch = new OnnxGraph(graph)
    const outputs = build(branch).map(name => ({ name, type: TYPE.float }))
    return { graph: branch.encodeGraph([], outputs) }
  }
  const branches = { then_branch: encode(whenTrue), else_branch: encode(whenFalse) }
  return graph.nodes('If', [condition], count, branches)
}
