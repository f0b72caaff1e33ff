/** The elements of a tensor in row-major order. */
export interface Tensor {
  readonly dims: readonly number[]
  readonly data: Float32Array
}

/** The file is not a Whisper model of CTranslate2. */
export class ModelFileError extends Error {}

const VERSION = 6
/** Numbers of the types in the file: CTranslate2, `include/ctranslate2/types.h`. */
const TYPE = { float32: 0, float16: 4 } as const

interface Entry {
  readonly dims: readonly number[]
  readonly type: number
  readonly bytes: Uint8Array
}

/** The weights of a Whisper model as CTranslate2 stores them (`model.bin`). */
export class Ctranslate2File {
  readonly #entries = new Map<string, Entry>()

  /** @throws ModelFileError if the content has another form. */
  constructor(content: Buffer) {
    let at = 0
    const take = (bytes: number): Buffer => {
      if (at + bytes > content.length) throw new ModelFileError('The model file ends too early.')
      at += bytes
      return content.subarray(at - bytes, at)
    }
    const text = () => take(take(2).readUInt16LE()).toString('latin1').replace('\0', '')
    const uint32 = () => take(4).readUInt32LE()
    const version = uint32()
    const spec = text()
    uint32()
    if (version !== VERSION || spec !== 'WhisperSpec') {
      throw new ModelFileError(`Version ${version} of "${spec}" is not a Whisper model of CTranslate2.`)
    }
    for (let left = uint32(); left > 0; left--) {
      const name = text()
      const dims = Array.from({ length: take(1).readUInt8() }, uint32)
      const type = take(1).readUInt8()
      this.#entries.set(name, { dims, type, bytes: take(uint32()) })
    }
  }

  has(name: string): boolean {
    return this.#entries.has(name)
  }

  /** @throws ModelFileError if there is no such tensor, or if it is quantized. */
  tensor(name: string): Tensor {
    const entry = this.#entries.get(name)
    if (!entry) throw new ModelFileError(`The model file has no ${name}.`)
    const { dims, type, bytes } = entry
    const size = dims.reduce((product, dim) => product * dim, 1)
    const width = type === TYPE.float32 ? 4 : 2
    if ((type !== TYPE.float32 && type !== TYPE.float16) || bytes.length !== size * width) {
      throw new ModelFileError(
        `${name} in the model file has type ${type}: only float16 and float32 are read.`,
      )
    }
    // Typed arrays need an aligned start.
    const { buffer } = new Uint8Array(bytes)
    return {
      dims,
      data: type === TYPE.float32 ? new Float32Array(buffer) : fromFloat16(new Uint16Array(buffer)),
    }
  }
}

let table: Float32Array | undefined

/** IEEE 754 binary16, by a table of all its values. */
function fromFloat16(halves: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, half) => decodeFloat16(half))
  const values = new Float32Array(halves.length)
  for (let index = 0; index < halves.length; index++) values[index] = table[halves[index]!]!
  return values
}

function decodeFloat16(half: number): number {
  const [sign, exponent, fraction] = [half & 0x8000 ? -1 : 1, (half >> 10) & 31, half & 1023]
  if (exponent === 0) return sign * 2 ** -24 * fraction
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
}
