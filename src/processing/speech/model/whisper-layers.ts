import type { Ctranslate2File, Tensor } from './ctranslate2-file.ts'
import { MICROSOFT, type OnnxGraph, TYPE, type Value } from './onnx-graph.ts'

/** All Whisper models have heads of this width. */
export const HEAD_WIDTH = 64
const EPSILON = 1e-5
const INT8_LEVELS = 127

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
   * A linear layer with weights in int8, one scale for each output.
   * @param scaled the first outputs, so many, are multiplied by `factor`.
   */
  linear(input: Value, name: string, scaled = 0, factor = 1): Value {
    const weight = this.#file.tensor(`${name}/weight`)
    const bias = this.#file.tensor(`${name}/bias`).data.slice()
    for (let output = 0; output < scaled; output++) bias[output]! *= factor
    const { values, scales } = quantize(weight)
    for (let output = 0; output < scaled; output++) scales[output]! *= factor
    const [outputs = 0, inputs = 0] = weight.dims
    return this.graph.node(
      'DynamicQuantizeMatMul',
      [
        input,
        this.graph.weight(TYPE.int8, [inputs, outputs], values),
        this.graph.floats([outputs], scales),
        '',
        this.graph.floats([outputs], bias),
      ],
      {},
      MICROSOFT,
    )
  }

  feedForward(input: Value, name: string): Value {
    const inner = this.linear(this.norm(input, `${name}/layer_norm`), `${name}/linear_0`)
    return this.graph.node('Add', [input, this.linear(this.gelu(inner), `${name}/linear_1`)])
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

/** [outputs, inputs] in floats → [inputs, outputs] in int8. Symmetric: zero stays zero. */
function quantize({ dims, data }: Tensor): { values: Int8Array; scales: Float32Array } {
  const [outputs = 0, inputs = 0] = dims
  const values = new Int8Array(data.length)
  const scales = new Float32Array(outputs)
  for (let output = 0; output < outputs; output++) {
    const row = data.subarray(output * inputs, (output + 1) * inputs)
    let largest = 0
    for (let input = 0; input < inputs; input++) largest = Math.max(largest, Math.abs(row[input]!))
    const scale = largest / INT8_LEVELS || 1
    scales[output] = scale
    for (let input = 0; input < inputs; input++)
      values[input * outputs + output] = Math.round(row[input]! / scale)
  }
  return { values, scales }
}
