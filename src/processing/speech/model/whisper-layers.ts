import { type Ctranslate2File, ModelFileError, type Tensor } from './ctranslate2-file.ts'
import { MICROSOFT, type OnnxGraph, TYPE, type Value } from './onnx-graph.ts'

/** All Whisper models have heads of this width. */
export const HEAD_WIDTH = 64
const EPSILON = 1e-5
/** The number of levels above zero, and of those below it. */
const LEVELS = 127
/** Weights that share a scale in `linearByBlock`. The width of all Whisper models is a multiple of it. */
const BLOCK_LENGTH = 128
/** Zero, as an unsigned byte. */
const ZERO_POINT = 0x80
/** `accuracy_level` of MatMulNBits: the input is rounded to 8 bits too. */
const INT8_ACCURACY_LEVEL = 4

/** The embeddings of tokens, and the logits of the next token, which the same weights make. */
export interface Embeddings {
  /** @returns [1, n, state] */
  of(tokens: Value): Value
  /** @param input [1, state] */
  logits(input: Value, bias: Float32Array): Value
}

/** Builds the layers that Whisper's encoder and decoder are made of, with the weights of a model file. */
export class WhisperLayers {
  readonly graph: OnnxGraph
  readonly #file: Ctranslate2File

  constructor(graph: OnnxGraph, file: Ctranslate2File) {
    this.graph = graph
    this.#file = file
  }

  floats(name: string): Value {
    const { dims, data } = this.#file.tensor(name)
    return this.graph.floats(dims, data)
  }

  norm(input: Value, name: string): Value {
    const inputs = [input, this.floats(`${name}/gamma`), this.floats(`${name}/beta`)]
    return this.graph.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: EPSILON } })
  }

  gelu(input: Value): Value {
    return this.graph.node('Gelu', [input], {}, MICROSOFT)
  }

  /**
   * A linear layer with weights in 8 bits, one scale for each output. ONNX Runtime rounds the input to 8 bits with a single scale for all rows,
   * so the layer is for a few similar rows: the decoder's.
   * @param scaled the first outputs, so many, are multiplied by `factor`.
   */
  linear(input: Value, name: string, scaled = 0, factor = 1): Value {
    const weight = this.#file.tensor(`${name}/weight`)
    const bias = this.#file.tensor(`${name}/bias`).data.slice()
    for (let output = 0; output < scaled; output++) bias[output]! *= factor
    const { values, scales } = quantize(weight)
    for (let output = 0; output < scaled; output++) scales[output]! *= factor
    const [outputs = 0, inputs = 0] = weight.dims
    const matrix = this.graph.weight(TYPE.uint8, [inputs, outputs], values)
    return this.#multiply(input, matrix, this.graph.floats([outputs], scales), bias)
  }

  /**
   * Weights are unsigned. With signed ones, processors that have AVX2 without VNNI add pairs of products in 16 bits, which saturate: Whisper
   * then ended in the middle of a text. (ONNX Runtime, "Quantize ONNX models", on U8S8)
   */
  #multiply(input: Value, matrix: Value, scales: Value, bias: Float32Array): Value {
    const zero = this.graph.weight(TYPE.uint8, [], Uint8Array.of(ZERO_POINT))
    const inputs = [input, matrix, scales, zero, this.graph.floats([bias.length], bias)]
    return this.graph.node('DynamicQuantizeMatMul', inputs, {}, MICROSOFT)
  }

  /**
   * A linear layer for many rows, the encoder's: weights and input have a scale for each block of a row. Whisper's activations contain a few
   * values that are far larger than all others, so that a single scale for all rows costs words.
   */
  linearByBlock(input: Value, name: string): Value {
    const weight = this.#file.tensor(`${name}/weight`)
    const [outputs = 0, inputs = 0] = weight.dims
    const blocks = inputs / BLOCK_LENGTH
    if (!Number.isInteger(blocks))
      throw new ModelFileError(`The width of ${name} is not a multiple of ${BLOCK_LENGTH}.`)
    const { values, scales } = quantizeBlocks(weight)
    const matrix = this.graph.weight(TYPE.uint8, [outputs, blocks, BLOCK_LENGTH], values)
    return this.graph.node(
      'MatMulNBits',
      [input, matrix, this.graph.floats([scales.length], scales), '', '', this.floats(`${name}/bias`)],
      { K: inputs, N: outputs, bits: 8, block_size: BLOCK_LENGTH, accuracy_level: INT8_ACCURACY_LEVEL },
      MICROSOFT,
    )
  }

  embeddings(name: string): Embeddings {
    const { graph } = this
    const weight = this.#file.tensor(name)
    const [tokenCount = 0, state = 0] = weight.dims
    const { values, scales } = quantize(weight)
    const [matrix, factors] = [
      graph.weight(TYPE.uint8, [state, tokenCount], values),
      graph.floats([tokenCount], scales),
    ]
    return {
      of: tokens => {
        const columns = graph.node('Gather', [matrix, tokens], { axis: 1 })
        const rows = graph.node('Transpose', [columns], { perm: [1, 2, 0] })
        const scale = graph.node('Unsqueeze', [graph.node('Gather', [factors, tokens]), graph.ints(2)])
        const floats = graph.node('Cast', [rows], { to: TYPE.float })
        return graph.node('Mul', [graph.node('Sub', [floats, graph.float(ZERO_POINT)]), scale])
      },
      logits: (input, bias) => this.#multiply(input, matrix, factors, bias),
    }
  }

  /** @param kind how both linear layers are computed. */
  feedForward(input: Value, name: string, kind: 'linear' | 'linearByBlock'): Value {
    const inner = this[kind](this.norm(input, `${name}/layer_norm`), `${name}/linear_0`)
    return this.graph.node('Add', [input, this[kind](this.gelu(inner), `${name}/linear_1`)])
  }

  /** [1, time, state] → [1, heads, time, size], or [1, heads, size, time]. */
  heads(input: Value, order: 'time first' | 'time last' = 'time first'): Value {
    const split = this.graph.node('Reshape', [input, this.graph.ints(1, 0, -1, HEAD_WIDTH)])
    return this.graph.node('Transpose', [split], {
      perm: order === 'time last' ? [0, 2, 3, 1] : [0, 2, 1, 3],
    })
  }

  /** The reverse of `heads`. */
  joined(input: Value, state: number): Value {
    const inOrder = this.graph.node('Transpose', [input], { perm: [0, 2, 1, 3] })
    return this.graph.node('Reshape', [inOrder, this.graph.ints(1, -1, state)])
  }
}

/** [outputs, inputs] in floats → [inputs, outputs] in 8 bits. Symmetric: zero stays zero. */
function quantize({ dims, data }: Tensor): { values: Uint8Array; scales: Float32Array } {
  const [outputs = 0, inputs = 0] = dims
  const values = new Uint8Array(data.length)
  const scales = new Float32Array(outputs)
  for (let output = 0; output < outputs; output++) {
    const row = data.subarray(output * inputs, (output + 1) * inputs)
    let largest = 0
    for (let input = 0; input < inputs; input++) largest = Math.max(largest, Math.abs(row[input]!))
    const scale = largest / LEVELS || 1
    scales[output] = scale
    for (let input = 0; input < inputs; input++)
      values[input * outputs + output] = ZERO_POINT + Math.round(row[input]! / scale)
  }
  return { values, scales }
}

/** A scale for each block of a row, in the same order. Symmetric: zero stays zero. */
function quantizeBlocks({ data }: Tensor): { values: Uint8Array; scales: Float32Array } {
  const values = new Uint8Array(data.length)
  const scales = new Float32Array(data.length / BLOCK_LENGTH)
  for (let block = 0; block < scales.length; block++) {
    const [from, to] = [block * BLOCK_LENGTH, (block + 1) * BLOCK_LENGTH]
    let largest = 0
    for (let at = from; at < to; at++) largest = Math.max(largest, Math.abs(data[at]!))
    const scale = largest / LEVELS || 1
    scales[block] = scale
    for (let at = from; at < to; at++) values[at] = ZERO_POINT + Math.round(data[at]! / scale)
  }
  return { values, scales }
}
