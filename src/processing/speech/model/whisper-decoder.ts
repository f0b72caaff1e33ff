import type { Ctranslate2File } from './ctranslate2-file.ts'
import { addChoice } from './onnx-control.ts'
import { OnnxGraph, TYPE, type Value } from './onnx-graph.ts'
import type { Encoded } from './protobuf.ts'
import { TextSearch } from './text-search.ts'
import { sizeOf } from './whisper-encoder.ts'
import { HEAD_WIDTH } from './whisper-layers.ts'
import type { WhisperVocabulary } from './whisper-vocabulary.ts'

/** Logits of the token that sherpa is to choose, and of all others. */
const [CHOSEN, OTHERS] = [100, -100]

/**
 * Whisper's decoder in the form that sherpa-onnx runs. Sherpa calls a decoder for each token and takes the most probable one, which finds
 * worse texts than a beam search. So the first call searches the whole text, and puts it into the cache, which sherpa hands back
 * unchanged; later calls only read it, token by token. The first call also returns the cross-attention of all tokens, from which sherpa computes
 * their times. A first call with other tokens than those of a text's beginning, as sherpa makes to detect the language, returns the logits of
 * the next token.
 */
export function decoderModel(file: Ctranslate2File, vocabulary: WhisperVocabulary): Encoded {
  const size = sizeOf(file)
  const { end } = vocabulary.special
  const search = new TextSearch(file, size, vocabulary)
  const graph = new OnnxGraph()
  const isFirstCall = graph.node('Equal', ['offset', graph.ints(0)])
  const outputs = addChoice(
    graph,
    isFirstCall,
    4,
    first => {
      const found = search.add(first, 'tokens', { keys: 'cross_k', values: 'cross_v' })
      const text = first.node('Concat', [found.tokens, first.ints(end)], { axis: 0 })
      const token = first.node('Slice', [text, first.ints(0), first.ints(1)])
      const logits = first.node('Where', [
        found.isText,
        addLogits(first, token, size.vocabulary),
        found.logits,
      ])
      const cache = first.node('Cast', [text], { to: TYPE.float })
      return [
        first.node('Reshape', [logits, first.ints(1, 1, size.vocabulary)]),
        first.node('Reshape', [cache, first.ints(1, 1, 1, -1)]),
        first.node('ConstantOfShape', [first.ints(1, 1, 1, 1)]),
        found.attention,
      ]
    },
    later => {
      const text = later.node('Reshape', ['self_k', later.ints(-1)])
      const at = later.node('Sub', ['offset', later.ints(search.beginning - 1)])
      const last = later.node('Sub', [later.node('Shape', [text]), later.ints(1)])
      const token = later.node('Gather', [text, later.node('Min', [at, last])])
      const logits = addLogits(later, later.node('Cast', [token], { to: TYPE.int64 }), size.vocabulary)
      return [
        later.node('Reshape', [logits, later.ints(1, 1, size.vocabulary)]),
        later.node('Identity', ['self_k']),
        later.node('Identity', ['self_v']),
        // Sherpa skips attention that has another number of heads than that of the first call.
        later.node('ConstantOfShape', [later.ints(1, 0, 1, 1)]),
      ]
    },
  )
  for (const [index, name] of ['logits', 'out_self_k', 'out_self_v', 'cross_attention'].entries())
    graph.rename(outputs[index]!, name)
  const heads = size.state / HEAD_WIDTH
  const port = (name: string, ...dims: readonly (number | string)[]) => ({ name, type: TYPE.float, dims })
  return graph.encode(
    [
      { name: 'tokens', type: TYPE.int64, dims: [1, 'n'] },
      port('self_k', 'any', 1, 'before', 'wide'),
      port('self_v', 'any', 1, 'before', 'wide'),
      port('cross_k', size.decoderLayers, 1, heads, HEAD_WIDTH, 'time'),
      port('cross_v', size.decoderLayers, 1, heads, 'time', HEAD_WIDTH),
      { name: 'offset', type: TYPE.int64, dims: [1] },
    ],
    [
      port('logits', 1, 1, size.vocabulary),
      port('out_self_k', 1, 1, 'k', 'text'),
      port('out_self_v', 1, 1, 'v', 'text'),
      port('cross_attention', 1, 'heads', 'tokens read', 'frames'),
    ],
    {},
  )
}

/** [1, vocabulary] from which sherpa chooses a token. */
function addLogits(graph: OnnxGraph, token: Value, vocabulary: number): Value {
  const all = graph.node('Range', [graph.int(0), graph.int(vocabulary), graph.int(1)])
  const isToken = graph.node('Equal', [all, token])
  const logits = graph.node('Where', [isToken, graph.float(CHOSEN), graph.float(OTHERS)])
  return graph.node('Unsqueeze', [logits, graph.ints(0)])
}
