import type { Value } from './onnx-graph.ts'
import { HEAD_WIDTH, type WhisperLayers } from './whisper-layers.ts'

/** The keys and values of a layer: [1, heads, size, time] and [1, heads, time, size]. */
export interface KeysAndValues {
  readonly keys: Value
  readonly values: Value
}

/** The inputs of the decoder. `n` is the number of new tokens, `all` includes those that it has read before. */
export interface DecoderInput {
  /** [1, n] */
  readonly tokens: Value
  /** [n] */
  readonly positions: Value
  /** [n, all]: zero where a token may look at another one. */
  readonly mask: Value
  /** Of the tokens that it has read before, for each layer. */
  readonly own: readonly KeysAndValues[]
  /** Of the sound, for each layer. */
  readonly cross: readonly KeysAndValues[]
}

export interface DecoderOutput {
  /** [1, n, state] */
  readonly hidden: Value
  /** Keys and values of the self-attention for all tokens, by layer. */
  readonly own: readonly KeysAndValues[]
  /** The cross-attention of the alignment heads before the softmax: [1, heads, n, time] */
  readonly attention: Value
}

/** Adds all layers of Whisper's decoder but the last one, which makes logits. @param embed makes [1, n, state] of tokens. */
export function addDecoderLayers(
  layers: WhisperLayers,
  state: number,
  alignmentHeads: readonly (readonly [layer: number, head: number])[],
  embed: (tokens: Value) => Value,
  input: DecoderInput,
): DecoderOutput {
  const { graph } = layers
  const scale = HEAD_WIDTH ** -0.5
  const positions = layers.floats('decoder/position_encodings/encodings')
  let x = graph.node('Add', [embed(input.tokens), graph.node('Gather', [positions, input.positions])])
  const [own, attention]: [KeysAndValues[], Map<string, Value>] = [[], new Map()]
  const attend = (shares: Value, values: Value, name: string) => {
    const attended = layers.joined(graph.node('MatMul', [shares, values]), state)
    return graph.node('Add', [x, layers.linear(attended, name)])
  }
  const softmax = (scores: Value) => graph.node('Softmax', [scores], { axis: -1 })
  for (const [index, cross] of input.cross.entries()) {
    const name = `decoder/layer_${index}`
    const self = `${name}/self_attention`
    const qkv = layers.linear(layers.norm(x, `${self}/layer_norm`), `${self}/linear_0`, state, scale)
    const split = graph.nodes('Split', [qkv, graph.ints(state, state, state)], 3, { axis: -1 })
    const [query = '', key = '', value = ''] = split
    const before = input.own[index]!
    const keys = graph.node('Concat', [before.keys, layers.heads(key, 'time last')], { axis: 3 })
    const values = graph.node('Concat', [before.values, layers.heads(value)], { axis: 2 })
    own.push({ keys, values })
    const scores = graph.node('MatMul', [layers.heads(query), keys])
    x = attend(softmax(graph.node('Add', [scores, input.mask])), values, `${self}/linear_1`)

    const other = `${name}/attention`
    const normed = layers.norm(x, `${other}/layer_norm`)
    const crossQuery = layers.heads(layers.linear(normed, `${other}/linear_0`, state, scale))
    const crossScores = graph.node('MatMul', [crossQuery, cross.keys])
    for (const [layer, head] of alignmentHeads) {
      if (layer !== index) continue
      attention.set(`${layer} ${head}`, graph.node('Gather', [crossScores, graph.ints(head)], { axis: 1 }))
    }
    x = attend(softmax(crossScores), cross.values, `${other}/linear_2`)
    x = layers.feedForward(x, `${name}/ffn`, 'linear')
  }
  const heads = alignmentHeads.map(([layer, head]) => attention.get(`${layer} ${head}`)!)
  return { hidden: x, own, attention: graph.node('Concat', heads, { axis: 1 }) }
}
