import { addCandidates, addSelection, BEAMS, NEVER, type SearchTokens, virtualTokens } from './beam-search.ts'
import type { Ctranslate2File } from './ctranslate2-file.ts'
import { addDecoderLayers, type KeysAndValues } from './decoder-layers.ts'
import { addLoop, type LoopPass, type LoopState } from './onnx-control.ts'
import { type OnnxGraph, TYPE, type Value } from './onnx-graph.ts'
import type { WhisperSize } from './whisper-encoder.ts'
import { HEAD_WIDTH, WhisperLayers } from './whisper-layers.ts'
import type { WhisperVocabulary } from './whisper-vocabulary.ts'

/** The upper limit of a slice that goes to the end: greater than any length. */
const BEYOND_LENGTH = 2 ** 31

/** The variables of the search; rows are numbers of rows of attention that the passes have emitted. */
type StateName =
  | 'read'
  | 'positions'
  | 'mask'
  | 'firstScored'
  | 'scores'
  | 'tokens'
  | 'rows'
  | 'bestScore'
  | 'bestTokens'
  | 'bestRows'
  | 'ended'
  | 'logits'

/** The tokens of a text, and how they were found. */
export interface FoundText {
  /** Whether the tokens before it were those that every text begins with; otherwise nothing was searched. [1], boolean */
  readonly isText: Value
  /** The tokens of the text without its end. [t] */
  readonly tokens: Value
  /** Cross-attention of the alignment heads, of the tokens before the text and of its own. [1, heads, t + beginning, time] */
  readonly attention: Value
  /** The logits of the first token of the text. [1, vocabulary] */
  readonly logits: Value
}

/**
 * Finds a text by beam search. All hypotheses share one cache of keys and values, which has a row for each token of each hypothesis, also of
 * those that were dropped; a mask lets a token look at those before it in its own hypothesis only. So nothing is copied
 * when a hypothesis is dropped, and the layers handle the hypotheses like the tokens of one text.
 */
export class TextSearch {
  readonly #file: Ctranslate2File
  readonly #size: WhisperSize
  readonly #alignmentHeads: WhisperVocabulary['alignmentHeads']
  readonly #suppressed: readonly number[]
  readonly #tokens: SearchTokens
  /** The number of tokens that every text begins with: the start, and language and task unless the model is English-only. */
  readonly beginning: number
  /** Rows of attention that each pass emits, one for each token that it reads. The last ones may be empty. */
  readonly #emitted: number

  constructor(file: Ctranslate2File, size: WhisperSize, vocabulary: WhisperVocabulary) {
    this.#file = file
    this.#size = size
    this.#alignmentHeads = vocabulary.alignmentHeads
    const { end, noTimestamps } = vocabulary.special
    this.#suppressed = [...vocabulary.suppressed, noTimestamps]
    this.#tokens = { end, firstStamp: noTimestamps + 1, count: size.vocabulary }
    this.beginning = vocabulary.languages.size > 0 ? 3 : 1
    this.#emitted = Math.max(this.beginning, BEAMS)
  }

  /** @param tokens before the text: [1, n]. @param cross keys and values of the sound: [layer, …]. */
  add(graph: OnnxGraph, tokens: Value, cross: KeysAndValues): FoundText {
    const { decoderLayers, textContext, state: width } = this.#size
    const count = graph.node('Slice', [graph.node('Shape', [tokens]), graph.ints(1), graph.ints(2)])
    const isText = graph.node('Equal', [count, graph.ints(this.beginning)])
    const passes = graph.node('Where', [isText, graph.ints(textContext / 2), graph.ints(1)])
    const scalar = (vector: Value) => graph.node('Reshape', [vector, graph.ints()])
    const positions = graph.node('Range', [graph.int(0), scalar(count), graph.int(1)])
    const later = graph.node('Greater', [positions, graph.node('Unsqueeze', [positions, graph.ints(1)])])
    const zeros = (...dims: readonly number[]) => graph.node('ConstantOfShape', [graph.ints(...dims)])
    const floats = (initial: Value) => ({ type: TYPE.float, initial })
    const ints = (initial: Value) => ({ type: TYPE.int64, initial })
    const zeroInts = (...dims: readonly number[]) =>
      ints(graph.node('Cast', [zeros(...dims)], { to: TYPE.int64 }))
    const layers = Array.from({ length: decoderLayers }, (_, index) => index)
    const heads = width / HEAD_WIDTH
    const ofLayer = (index: number) => ({
      keys: graph.node('Gather', [cross.keys, graph.int(index)], { axis: 0 }),
      values: graph.node('Gather', [cross.values, graph.int(index)], { axis: 0 }),
    })
    const crossByLayer = layers.map(ofLayer)
    const virtual = graph.ints(...virtualTokens(this.#tokens))
    const { state, emitted } = addLoop(
      graph,
      scalar(passes),
      {
        named: {
          read: ints(tokens),
          positions: ints(positions),
          mask: floats(graph.node('Where', [later, graph.float(NEVER), graph.float(0)])),
          firstScored: ints(graph.node('Sub', [count, graph.ints(1)])),
          scores: floats(zeros(1)),
          tokens: ints(graph.node('Unsqueeze', [virtual, graph.ints(0)])),
          rows: zeroInts(1, 0),
          bestScore: floats(graph.floats([1], Float32Array.of(Number.NEGATIVE_INFINITY))),
          bestTokens: ints(virtual),
          bestRows: zeroInts(0),
          ended: zeroInts(1),
          logits: floats(zeros(1, 1)),
        },
        listed: layers.flatMap(() => [
          floats(zeros(1, heads, HEAD_WIDTH, 0)),
          floats(zeros(1, heads, 0, HEAD_WIDTH)),
        ]),
      },
      (body, pass, before) => this.#addPass(body, pass, before, crossByLayer),
    )
    const { bestTokens, bestRows, logits } = state.named
    return {
      isText,
      tokens: graph.node('Slice', [
        bestTokens,
        graph.ints(virtualTokens(this.#tokens).length),
        graph.ints(BEYOND_LENGTH),
      ]),
      attention: this.#addAttention(graph, emitted, bestRows),
      logits,
    }
  }

  #addPass(
    graph: OnnxGraph,
    pass: Value,
    { named: before, listed }: LoopState<StateName>,
    cross: readonly KeysAndValues[],
  ): LoopPass<StateName> {
    const layers = new WhisperLayers(graph, this.#file)
    const embeddings = layers.embeddings('decoder/embeddings/weight')
    const { state, vocabulary } = this.#size
    const fromRow = (matrix: Value, axis: number) =>
      graph.node('Slice', [matrix, before.firstScored, graph.ints(BEYOND_LENGTH), graph.ints(axis)])
    const column = (row: Value) => graph.node('Unsqueeze', [row, graph.ints(1)])
    const { hidden, own, attention } = addDecoderLayers(layers, state, this.#alignmentHeads, embeddings.of, {
      tokens: before.read,
      positions: before.positions,
      mask: before.mask,
      own: cross.map((_, index) => ({ keys: listed[2 * index]!, values: listed[2 * index + 1]! })),
      cross,
    })
    const scored = graph.node('Reshape', [
      layers.norm(fromRow(hidden, 1), 'decoder/layer_norm'),
      graph.ints(-1, state),
    ])
    const bias = new Float32Array(vocabulary)
    for (const token of this.#suppressed) bias[token] = NEVER
    const logits = embeddings.logits(scored, bias)

    const candidates = addCandidates(graph, { ...before, pass, logits }, this.#tokens)
    const count = graph.node('Slice', [graph.node('Shape', [before.read]), graph.ints(1), graph.ints(2)])
    const scalar = (vector: Value) => graph.node('Reshape', [vector, graph.ints()])
    const inPass = graph.node('Range', [scalar(before.firstScored), scalar(count), graph.int(1)])
    const current = graph.node('Add', [inPass, graph.node('Mul', [pass, graph.int(this.#emitted)])])
    const rows = graph.node('Concat', [before.rows, column(current)], { axis: 1 })
    const best = { score: before.bestScore, tokens: before.bestTokens, rows: before.bestRows }
    const selection = addSelection(
      graph,
      candidates,
      { pass, tokens: before.tokens, rows, best },
      this.#tokens,
    )

    const pick = (values: Value) => graph.node('Gather', [values, selection.live])
    const [parents, tokens] = [pick(candidates.parents), pick(candidates.tokens)]
    const inherit = (matrix: Value) => graph.node('Gather', [matrix, parents])
    const itself = Float32Array.from({ length: BEAMS ** 2 }, (_, at) => (at % (BEAMS + 1) === 0 ? 0 : NEVER))
    const ended = graph.node('Add', [before.ended, selection.ended])
    return {
      next: {
        named: {
          read: graph.node('Unsqueeze', [tokens, graph.ints(0)]),
          positions: graph.node('Add', [pass, graph.ints(...Array(BEAMS).fill(this.beginning))]),
          mask: graph.node(
            'Concat',
            [inherit(fromRow(before.mask, 0)), graph.floats([BEAMS, BEAMS], itself)],
            { axis: 1 },
          ),
          firstScored: graph.node('Mul', [before.firstScored, graph.int(0)]),
          scores: pick(candidates.scores),
          tokens: graph.node('Concat', [inherit(before.tokens), column(tokens)], { axis: 1 }),
          rows: inherit(rows),
          bestScore: selection.best.score,
          bestTokens: selection.best.tokens,
          bestRows: selection.best.rows,
          ended,
          logits: graph.node('Slice', [logits, graph.ints(0), graph.ints(1), graph.ints(0)]),
        },
        listed: own.flatMap(({ keys, values }) => [keys, values]),
      },
      goesOn: scalar(graph.node('Less', [ended, graph.ints(BEAMS)])),
      emitted: this.#addEmitted(graph, attention, count),
    }
  }

  /** [1, heads, n, time] → [rows, heads, time], with as many rows in each pass. */
  #addEmitted(graph: OnnxGraph, attention: Value, count: Value): Value {
    const byRow = graph.node('Squeeze', [
      graph.node('Transpose', [attention], { perm: [0, 2, 1, 3] }),
      graph.ints(0),
    ])
    const missing = graph.node('Sub', [graph.ints(this.#emitted), count])
    const pads = graph.node('Concat', [graph.ints(0, 0, 0), missing, graph.ints(0, 0)], { axis: 0 })
    return graph.node('Pad', [byRow, pads])
  }

  #addAttention(graph: OnnxGraph, emitted: Value, rows: Value): Value {
    const time = graph.node('Slice', [graph.node('Shape', [emitted]), graph.ints(3), graph.ints(4)])
    const shape = graph.node('Concat', [graph.ints(-1, this.#alignmentHeads.length), time], { axis: 0 })
    const before = Array.from({ length: this.beginning - 1 }, (_, row) => row)
    const all = before.length > 0 ? graph.node('Concat', [graph.ints(...before), rows], { axis: 0 }) : rows
    const byRow = graph.node('Gather', [graph.node('Reshape', [emitted, shape]), all])
    return graph.node('Unsqueeze', [graph.node('Transpose', [byRow], { perm: [1, 0, 2] }), graph.ints(0)])
  }
}
