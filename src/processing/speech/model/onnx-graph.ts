import {
  bytesField,
  type Encoded,
  floatField,
  intField,
  message,
  messageField,
  textField,
} from './protobuf.ts'

/** The name of a value in a graph. */
export type Value = string
type Attribute = number | readonly number[] | { readonly float: number } | { readonly graph: Encoded }

/** `TensorProto.DataType` */
export const TYPE = { float: 1, uint8: 2, int64: 7, bool: 9 } as const

const IR_VERSION = 8
const OPSET_VERSION = 17
/** ONNX Runtime's own operators. */
export const MICROSOFT = 'com.microsoft'

/** `AttributeProto.AttributeType` */
const [FLOAT_ATTRIBUTE, INT_ATTRIBUTE, GRAPH_ATTRIBUTE, INTS_ATTRIBUTE] = [1, 2, 5, 7]

export interface Port {
  readonly name: Value
  readonly type: number
  /** A name stands for a size that differs from call to call. Undefined if the number of dimensions is to be inferred. */
  readonly dims?: readonly (number | string)[]
}

/** Writes a model in ONNX's format, node by node. The numbers of fields are those of `onnx.proto`. */
export class OnnxGraph {
  readonly #nodes: Encoded[] = []
  readonly #weights: Encoded[] = []
  readonly #constants = new Map<string, Value>()
  readonly #names: { count: number }

  /** @param outer a graph whose values this one may use, as a part of one of its nodes. */
  constructor(outer?: OnnxGraph) {
    this.#names = outer ? outer.#names : { count: 0 }
  }

  /** @returns the first output of a new node. */
  node(
    operator: string,
    inputs: readonly Value[],
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): Value {
    return this.nodes(operator, inputs, 1, attributes, domain)[0]!
  }

  /** @returns all outputs of a new node. */
  nodes(
    operator: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): Value[] {
    const names = Array.from({ length: outputs }, () => this.newName(operator))
    this.#add(operator, inputs, names, attributes, domain)
    return names
  }

  /** Gives a value the name of an output of the graph. */
  rename(value: Value, name: Value): void {
    this.#add('Identity', [value], [name], {}, '')
  }

  weight(type: number, dims: readonly number[], data: ArrayBufferView): Value {
    const name = this.newName('w')
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    this.#weights.push(
      message(
        ...dims.map(dim => intField(1, dim)),
        intField(2, type),
        textField(8, name),
        bytesField(9, bytes),
      ),
    )
    return name
  }

  floats(dims: readonly number[], data: Float32Array): Value {
    return this.weight(TYPE.float, dims, data)
  }

  /** A constant vector of integers; the same one is written once. */
  ints(...values: readonly number[]): Value {
    return this.#constant(`ints ${values}`, () =>
      this.weight(TYPE.int64, [values.length], BigInt64Array.from(values, BigInt)),
    )
  }

  int(value: number): Value {
    return this.#constant(`int ${value}`, () => this.weight(TYPE.int64, [], BigInt64Array.of(BigInt(value))))
  }

  float(value: number): Value {
    return this.#constant(`float ${value}`, () => this.weight(TYPE.float, [], Float32Array.of(value)))
  }

  /** The graph without a model around it: for an attribute of a node. */
  encodeGraph(inputs: readonly Port[], outputs: readonly Port[]): Encoded {
    return message(
      ...this.#nodes.map(node => messageField(1, node)),
      textField(2, 'whisper'),
      ...this.#weights.map(weight => messageField(5, weight)),
      ...inputs.map(port => messageField(11, encodePort(port))),
      ...outputs.map(port => messageField(12, encodePort(port))),
    )
  }

  /** @param metadata what a runtime can ask a model for. */
  encode(inputs: readonly Port[], outputs: readonly Port[], metadata: Record<string, string>): Encoded {
    const graph = this.encodeGraph(inputs, outputs)
    const opset = (domain: string, version: number) =>
      messageField(8, message(textField(1, domain), intField(2, version)))
    return message(
      intField(1, IR_VERSION),
      textField(2, 'longtake'),
      messageField(7, graph),
      opset('', OPSET_VERSION),
      opset(MICROSOFT, 1),
      ...Object.entries(metadata).map(([key, value]) =>
        messageField(14, message(textField(1, key), textField(2, value))),
      ),
    )
  }

  /** A name that no other value has. */
  newName(prefix: string): Value {
    return `${prefix}_${this.#names.count++}`
  }

  #constant(key: string, make: () => Value): Value {
    const known = this.#constants.get(key) ?? make()
    this.#constants.set(key, known)
    return known
  }

  #add(
    operator: string,
    inputs: readonly Value[],
    outputs: readonly Value[],
    attributes: Record<string, Attribute>,
    domain: string,
  ): void {
    this.#nodes.push(
      message(
        ...inputs.map(input => textField(1, input)),
        ...outputs.map(output => textField(2, output)),
        textField(4, operator),
        ...Object.entries(attributes).map(([name, value]) => messageField(5, encodeAttribute(name, value))),
        textField(7, domain),
      ),
    )
  }
}

function encodeAttribute(name: string, value: Attribute): Encoded {
  if (typeof value === 'number')
    return message(textField(1, name), intField(3, value), intField(20, INT_ATTRIBUTE!))
  if ('float' in value)
    return message(textField(1, name), floatField(2, value.float), intField(20, FLOAT_ATTRIBUTE!))
  if ('graph' in value)
    return message(textField(1, name), messageField(6, value.graph), intField(20, GRAPH_ATTRIBUTE!))
  return message(textField(1, name), ...value.map(one => intField(8, one)), intField(20, INTS_ATTRIBUTE!))
}

function encodePort({ name, type, dims }: Port): Encoded {
  const shape = dims?.map(dim =>
    messageField(1, typeof dim === 'number' ? intField(1, dim) : textField(2, dim)),
  )
  const tensor = message(intField(1, type), ...(shape ? [messageField(2, message(...shape))] : []))
  return message(textField(1, name), messageField(2, messageField(1, tensor)))
}
