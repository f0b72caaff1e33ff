import type { Ctranslate2File } from './ctranslate2-file.ts'
import { MICROSOFT, OnnxGraph, TYPE, type Value } from './onnx-graph.ts'
import type { Encoded } from './protobuf.ts'
import { HEAD_WIDTH, WhisperLayers } from './whisper-layers.ts'
import type { WhisperVocabulary } from './whisper-vocabulary.ts'

/** The sizes of a model, by the names of OpenAI's code. */
export interface WhisperSize {
  readonly mels: number
  readonly state: number
  readonly encoderLayers: number
  readonly decoderLayers: number
  readonly textContext: number
  readonly vocabulary: number
}

/** Attention logits of tokens that come later. */
const MASKED = -1e9

export function sizeOf(file: Ctranslate2File): WhisperSize {
  const [state = 0, mels = 0] = file.tensor('encoder/conv1/weight').dims
  const [textContext = 0] = file.tensor('decoder/position_encodings/encodings').dims
  const [vocabulary = 0] = file.tensor('decoder/embeddings/weight').dims
  const layers = (side: string) => {
    let count = 0
    while (file.has(`${side}/layer_${count}/ffn/linear_0/weight`)) count++
    return count
  }
  return {
    mels,
    state,
    encoderLayers: layers('encoder'),
    decoderLayers: layers('decoder'),
    textContext,
    vocabulary,
  }
}

/**
 * Whisper's encoder in the form that sherpa-onnx runs: features in; keys and values of the decoder's cross-attention out. Sherpa passes
 * these to the decoder unchanged, so they have the layout that the decoder multiplies: [layer, 1, head, size, time] and
 * [layer, 1, head, time, size].
 */
export function encoderModel(file: Ctranslate2File, metadata: Record<string, string>): Encoded {
  const size = sizeOf(file)
  const graph = new OnnxGraph()
  const layers = new WhisperLayers(graph, file)
  const convolve = (input: Value, name: string, stride: number) => {
    const inputs = [input, layers.floats(`${name}/weight`), layers.floats(`${name}/bias`)]
    return layers.gelu(
      graph.node('Conv', inputs, {
        kernel_shape: [3],
        pads: [1, 1],
        strides: [stride],
        dilations: [1],
        group: 1,
      }),
    )
  }
  const sound = convolve(convolve('mel', 'encoder/conv1', 1), 'encoder/conv2', 2)
  const inTime = graph.node('Transpose', [sound], { perm: [0, 2, 1] })
  const time = graph.node('Slice', [graph.node('Shape', [inTime]), graph.ints(1), graph.ints(2)])
  const positions = layers.floats('encoder/position_encodings/encodings')
  let x = graph.node('Add', [inTime, graph.node('Slice', [positions, graph.ints(0), time, graph.ints(0)])])
  for (let index = 0; index < size.encoderLayers; index++) {
    const name = `encoder/layer_${index}`
    const qkv = layers.linearByBlock(
      layers.norm(x, `${name}/self_attention/layer_norm`),
      `${name}/self_attention/linear_0`,
    )
    const parts = graph.nodes('Split', [qkv, graph.ints(size.state, size.state, size.state)], 3, { axis: -1 })
    const heads = { num_heads: size.state / HEAD_WIDTH }
    const attended = graph.node('MultiHeadAttention', parts, heads, MICROSOFT)
    x = graph.node('Add', [x, layers.linearByBlock(attended, `${name}/self_attention/linear_1`)])
    x = layers.feedForward(x, `${name}/ffn`, 'linearByBlock')
  }
  x = layers.norm(x, 'encoder/layer_norm')
  const [keys, values]: [Value[], Value[]] = [[], []]
  for (let index = 0; index < size.decoderLayers; index++) {
    const both = layers.linearByBlock(x, `decoder/layer_${index}/attention/linear_1`)
    const [key = '', value = ''] = graph.nodes('Split', [both, graph.ints(size.state, size.state)], 2, {
      axis: -1,
    })
    keys.push(graph.node('Unsqueeze', [layers.heads(key, 'time last'), graph.ints(0)]))
    values.push(graph.node('Unsqueeze', [layers.heads(value), graph.ints(0)]))
  }
  graph.rename(graph.node('Concat', keys, { axis: 0 }), 'cross_k')
  graph.rename(graph.node('Concat', values, { axis: 0 }), 'cross_v')
  const { decoderLayers, state } = size
  return graph.encode(
    [{ name: 'mel', type: TYPE.float, dims: [1, size.mels, 'frames'] }],
    [
      { name: 'cross_k', type: TYPE.float, dims: [decoderLayers, 1, state / HEAD_WIDTH, HEAD_WIDTH, 'time'] },
      { name: 'cross_v', type: TYPE.float, dims: [decoderLayers, 1, state / HEAD_WIDTH, 'time', HEAD_WIDTH] },
    ],
    metadata,
  )
}

/**
 * Whisper's decoder for sherpa-onnx: tokens and the cache of earlier ones in; logits of the last token out. The cache contains the keys and
 * values of the tokens so far; only sherpa's first cache has the full size. The last output is the cross-attention of the alignment heads
 * before the softmax, from which sherpa computes the times of tokens.
 */
export function decoderModel(file: Ctranslate2File, vocabulary: WhisperVocabulary): Encoded {
  const size = sizeOf(file)
  const graph = new OnnxGraph()
  const layers = new WhisperLayers(graph, file)
  const embeddings = layers.embeddings('decoder/embeddings/weight')
  const count = graph.node('Slice', [graph.node('Shape', ['tokens']), graph.ints(1), graph.ints(2)])
  const total = graph.node('Add', ['offset', count])
  const positions = layers.floats('decoder/position_encodings/encodings')
  let x = graph.node('Add', [
    embeddings.of('tokens'),
    graph.node('Slice', [positions, 'offset', total, graph.ints(0)]),
  ])
  const mask = causalMask(graph, total)
  const [keys, values, attention]: [Value[], Value[], Map<string, Value>] = [[], [], new Map()]
  const known = (cache: Value, index: number, axis: number) => {
    const layer = graph.node('Gather', [cache, graph.int(index)], { axis: 0 })
    return graph.node('Slice', [layer, graph.ints(0), 'offset', graph.ints(axis)])
  }
  for (let index = 0; index < size.decoderLayers; index++) {
    const name = `decoder/layer_${index}`
    const scale = HEAD_WIDTH ** -0.5
    const own = `${name}/self_attention`
    const qkv = layers.linear(layers.norm(x, `${own}/layer_norm`), `${own}/linear_0`, size.state, scale)
    const [query = '', key = '', value = ''] = graph.nodes(
      'Split',
      [qkv, graph.ints(size.state, size.state, size.state)],
      3,
      { axis: -1 },
    )
    const allKeys = graph.node('Concat', [known('self_k', index, 1), key], { axis: 1 })
    const allValues = graph.node('Concat', [known('self_v', index, 1), value], { axis: 1 })
    keys.push(graph.node('Unsqueeze', [allKeys, graph.ints(0)]))
    values.push(graph.node('Unsqueeze', [allValues, graph.ints(0)]))
    const scores = graph.node('MatMul', [layers.heads(query), layers.heads(allKeys, 'time last')])
    const shares = graph.node('Softmax', [graph.node('Add', [scores, mask])], { axis: -1 })
    const attended = layers.joined(graph.node('MatMul', [shares, layers.heads(allValues)]), size.state)
    x = graph.node('Add', [x, layers.linear(attended, `${own}/linear_1`)])

    const cross = `${name}/attention`
    const crossQuery = layers.linear(
      layers.norm(x, `${cross}/layer_norm`),
      `${cross}/linear_0`,
      size.state,
      scale,
    )
    const crossKeys = graph.node('Gather', ['cross_k', graph.int(index)], { axis: 0 })
    const crossValues = graph.node('Gather', ['cross_v', graph.int(index)], { axis: 0 })
    const crossScores = graph.node('MatMul', [layers.heads(crossQuery), crossKeys])
    for (const [layer, head] of vocabulary.alignmentHeads) {
      if (layer !== index) continue
      attention.set(`${layer} ${head}`, graph.node('Gather', [crossScores, graph.ints(head)], { axis: 1 }))
    }
    const crossAttended = graph.node('MatMul', [
      graph.node('Softmax', [crossScores], { axis: -1 }),
      crossValues,
    ])
    x = graph.node('Add', [x, layers.linear(layers.joined(crossAttended, size.state), `${cross}/linear_2`)])
    x = layers.feedForward(x, `${name}/ffn`, 'linear')
  }
  // Sherpa reads the last token's logits only.
  const last = graph.node('Slice', [x, graph.ints(-1), graph.ints(2 ** 31), graph.ints(1)])
  const flat = graph.node('Reshape', [layers.norm(last, 'decoder/layer_norm'), graph.ints(1, size.state)])
  const bias = Float32Array.from({ length: size.vocabulary }, () => 0)
  for (const token of vocabulary.suppressed) bias[token] = Number.NEGATIVE_INFINITY
  const logits = embeddings.logits(flat, bias)
  graph.rename(graph.node('Reshape', [logits, graph.ints(1, 1, size.vocabulary)]), 'logits')
  graph.rename(graph.node('Concat', keys, { axis: 0 }), 'out_self_k')
  graph.rename(graph.node('Concat', values, { axis: 0 }), 'out_self_v')
  const heads = vocabulary.alignmentHeads.map(([layer, head]) => attention.get(`${layer} ${head}`)!)
  graph.rename(graph.node('Concat', heads, { axis: 1 }), 'cross_attention')
  const { decoderLayers, state } = size
  const cache = (name: string, dim: string) => ({
    name,
    type: TYPE.float,
    dims: [decoderLayers, 1, dim, state],
  })
  return graph.encode(
    [
      { name: 'tokens', type: TYPE.int64, dims: [1, 'n'] },
      cache('self_k', 'before'),
      cache('self_v', 'before'),
      { name: 'cross_k', type: TYPE.float, dims: [decoderLayers, 1, state / HEAD_WIDTH, HEAD_WIDTH, 'time'] },
      { name: 'cross_v', type: TYPE.float, dims: [decoderLayers, 1, state / HEAD_WIDTH, 'time', HEAD_WIDTH] },
      { name: 'offset', type: TYPE.int64, dims: [1] },
    ],
    [
      { name: 'logits', type: TYPE.float, dims: [1, 1, size.vocabulary] },
      cache('out_self_k', 'after'),
      cache('out_self_v', 'after'),
      { name: 'cross_attention', type: TYPE.float, dims: [1, heads.length, 'n', 'time'] },
    ],
    {},
  )
}

/** [n, total]: zero where a token may look at another, which is not later than itself. */
function causalMask(graph: OnnxGraph, total: Value): Value {
  const scalar = (vector: Value) => graph.node('Reshape', [vector, graph.ints()])
  const all = graph.node('Range', [graph.int(0), scalar(total), graph.int(1)])
  const own = graph.node('Range', [scalar('offset'), scalar(total), graph.int(1)])
  const allowed = graph.node('LessOrEqual', [all, graph.node('Unsqueeze', [own, graph.ints(1)])])
  return graph.node('Where', [allowed, graph.float(0), graph.float(MASKED)])
}
