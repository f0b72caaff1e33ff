import { type OnnxGraph, TYPE, type Value } from './onnx-graph.ts'

/** The hypotheses that are followed at the same time. */
export const BEAMS = 5
/** A score that is never chosen, and an attention score that is never looked at. */
export const NEVER = -1e9
/** Steps of 20 ms before the first sentence, which begins within the first second (openai/whisper, decoding.py). */
const MAX_FIRST_STEPS = 50

/** The hypotheses that a pass has scored. `b` is their number: 1 in the first pass, then `BEAMS`. */
export interface Scored {
  /** The number of the pass, from 0. A scalar. */
  readonly pass: Value
  /** [b, vocabulary] */
  readonly logits: Value
  /** Logarithms of probabilities. [b] */
  readonly scores: Value
  /** Tokens, after those of `virtualTokens`. [b, t] */
  readonly tokens: Value
}

/** The best continuations, best first. */
interface Candidates {
  readonly scores: Value
  /** Rows of the hypotheses that they continue. */
  readonly parents: Value
  readonly tokens: Value
}

/** A vocabulary as the search reads it: text, then the end, then special tokens, then stamps, one for each 20 ms. */
export interface SearchTokens {
  readonly end: number
  readonly firstStamp: number
  readonly count: number
}

/** Tokens before the first one that make it a stamp: text, and the stamp of the beginning. */
export function virtualTokens({ firstStamp }: SearchTokens): readonly number[] {
  return [0, firstStamp]
}

/**
 * The best continuations of all hypotheses: 2 · BEAMS, enough for BEAMS that do not end. Stamps follow the rules that Whisper was trained
 * with (openai/whisper, decoding.py, `ApplyTimestampRules`): they come in pairs, never go back, and one is chosen if all stamps together are
 * more probable than any other token.
 */
export function addCandidates(
  graph: OnnxGraph,
  scored: Scored,
  { end, firstStamp, count }: SearchTokens,
): Candidates {
  const { pass, logits, scores, tokens } = scored
  const number = 2 * BEAMS
  const column = (row: Value) => graph.node('Unsqueeze', [row, graph.ints(1)])
  const never = (condition: Value) => graph.node('Where', [condition, graph.float(NEVER), graph.float(0)])
  const sum = (...values: readonly Value[]) => values.reduce((all, value) => graph.node('Add', [all, value]))
  const part = (from: number, to: number) =>
    graph.node('Slice', [logits, graph.ints(from), graph.ints(to), graph.ints(1)])
  const top = (values: Value, wanted = number) =>
    graph.nodes('TopK', [values, graph.ints(wanted)], 2) as [Value, Value]
  // `ReduceLogSumExp` would take five times as long.
  const mass = (values: Value, greatest: Value) => {
    const exponentials = graph.node('Exp', [graph.node('Sub', [values, greatest])])
    const total = graph.node('ReduceSum', [exponentials, graph.ints(1)], { keepdims: 1 })
    return sum(graph.node('Log', [total]), greatest)
  }

  const isStamp = (back: number) =>
    graph.node('GreaterOrEqual', [
      graph.node('Gather', [tokens, graph.int(-back)], { axis: 1 }),
      graph.int(firstStamp),
    ])
  const [last, before] = [isStamp(1), isStamp(2)]
  const opens = graph.node('And', [last, before])
  const closes = graph.node('And', [last, graph.node('Not', [before])])
  const isFirst = graph.node('Equal', [pass, graph.int(0)])

  // Stamps never go back, so the last one is the greatest token.
  const lastStamp = graph.node('ReduceMax', [tokens], { axes: [1], keepdims: 0 })
  const lowest = sum(lastStamp, graph.node('Where', [closes, graph.int(0), graph.int(1)]))
  const latest = graph.node('Where', [isFirst, graph.int(firstStamp + MAX_FIRST_STEPS), graph.int(count)])
  const highest = graph.node('Where', [opens, graph.int(-1), latest])
  const all = graph.ints(...Array.from({ length: count - firstStamp }, (_, index) => firstStamp + index))
  const isAllowed = graph.node('And', [
    graph.node('GreaterOrEqual', [all, column(lowest)]),
    graph.node('LessOrEqual', [all, column(highest)]),
  ])
  const stamps = graph.node('Where', [isAllowed, part(firstStamp, count), graph.float(NEVER)])
  const text = part(0, end)
  const ending = sum(part(end, end + 1), never(isFirst))

  const [textScores, textTokens] = top(text)
  const [stampScores, stampIndexes] = top(stamps)
  const noText = column(never(closes))
  const firstOf = (sorted: Value) =>
    graph.node('Slice', [sorted, graph.ints(0), graph.ints(1), graph.ints(1)])
  const bestText = firstOf(textScores)
  const stampMass = mass(stamps, firstOf(stampScores))
  const noStampMass = graph.node('Max', [sum(bestText, noText), ending])
  const onlyStamp = never(graph.node('Greater', [stampMass, noStampMass]))
  const masses = [sum(mass(text, bestText), noText, onlyStamp), sum(ending, onlyStamp), stampMass]
  const values = [sum(textScores, noText, onlyStamp), sum(ending, onlyStamp), stampScores]
  const endTokens = graph.node('Expand', [graph.int(end), graph.node('Shape', [ending])])
  const numbers = [textTokens, endTokens, sum(stampIndexes, graph.int(firstStamp))]
  const joined = (columns: readonly Value[]) => graph.node('Concat', columns, { axis: 1 })
  const inRow = (value: Value) => graph.node('Reshape', [value, graph.ints(-1)])

  const allMasses = joined(masses)
  const greatest = graph.node('ReduceMax', [allMasses], { axes: [1], keepdims: 1 })
  const logarithms = graph.node('Sub', [joined(values), mass(allMasses, greatest)])
  const [best, at] = top(inRow(sum(logarithms, column(scores))))
  return {
    scores: best,
    parents: graph.node('Div', [at, graph.int(2 * number + 1)]),
    tokens: graph.node('Gather', [inRow(joined(numbers)), at]),
  }
}

/** The best hypothesis that has ended, or the best one so far if none has. */
interface Best {
  /** Its score for each token. [1] */
  readonly score: Value
  /** [t] */
  readonly tokens: Value
  /** Numbers of the rows that have read the tokens. */
  readonly rows: Value
}

/** @returns the best hypothesis, how many have ended in this pass, and the indexes of the BEAMS candidates that go on. */
export function addSelection(
  graph: OnnxGraph,
  candidates: Candidates,
  {
    pass,
    tokens,
    rows,
    best,
  }: Pick<Scored, 'pass' | 'tokens'> & { readonly rows: Value; readonly best: Best },
  { end }: SearchTokens,
): { readonly best: Best; readonly ended: Value; readonly live: Value } {
  const ranks = Array.from({ length: 2 * BEAMS }, (_, rank) => rank)
  const isEnd = graph.node('Equal', [candidates.tokens, graph.int(end)])
  const order = graph.node('Where', [
    isEnd,
    graph.int(-1),
    graph.ints(...ranks.map(rank => ranks.length - rank)),
  ])
  const [, live = ''] = graph.nodes('TopK', [order, graph.ints(BEAMS)], 2)

  // An end that is not among the best BEAMS candidates is improbable: it is left out.
  const ends = graph.node('And', [isEnd, graph.node('Less', [graph.ints(...ranks), graph.int(BEAMS)])])
  const length = graph.node('Cast', [graph.node('Add', [pass, graph.int(1)])], { to: TYPE.float })
  const each = graph.node('Where', [
    ends,
    graph.node('Div', [candidates.scores, length]),
    graph.float(Number.NEGATIVE_INFINITY),
  ])
  const score = graph.node('ReduceMax', [each], { keepdims: 1 })
  // The first candidate if none ends, which continues the best hypothesis so far.
  const which = graph.node('ArgMax', [each], { axis: 0, keepdims: 1 })
  const parent = graph.node('Gather', [candidates.parents, which])
  const isBetter = graph.node('GreaterOrEqual', [score, best.score])
  const rowOf = (matrix: Value) =>
    graph.node('Reshape', [graph.node('Gather', [matrix, parent]), graph.ints(-1)])
  return {
    best: {
      score: graph.node('Max', [score, best.score]),
      tokens: addPick(graph, isBetter, rowOf(tokens), best.tokens),
      rows: addPick(graph, isBetter, rowOf(rows), best.rows),
    },
    ended: graph.node('ReduceSum', [graph.node('Cast', [ends], { to: TYPE.int64 })], { keepdims: 1 }),
    live,
  }
}

/** One of two vectors, whose lengths may differ. */
function addPick(graph: OnnxGraph, condition: Value, one: Value, other: Value): Value {
  const both = graph.node('Concat', [one, other], { axis: 0 })
  const length = graph.node('Shape', [one])
  const from = graph.node('Where', [condition, graph.ints(0), length])
  const to = graph.node('Where', [condition, length, graph.node('Shape', [both])])
  return graph.node('Slice', [both, from, to])
}
