/** A part of a message of Protocol Buffers: bytes that are written one after the other. Large ones are not copied. */
export interface Encoded {
  readonly chunks: readonly Uint8Array[]
  readonly length: number
}

/** Wire types. */
const WIRE = { varint: 0, lengthDelimited: 2, fixed32: 5 } as const

/** Joins fields to a message. (Protocol Buffers, Encoding) */
export function message(...fields: readonly Encoded[]): Encoded {
  return {
    chunks: fields.flatMap(field => field.chunks),
    length: fields.reduce((sum, field) => sum + field.length, 0),
  }
}

export function intField(number: number, value: number | bigint): Encoded {
  return whole([...varint(number * 8 + WIRE.varint), ...varint(value)])
}

export function floatField(number: number, value: number): Encoded {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return whole([...varint(number * 8 + WIRE.fixed32), ...bytes])
}

export function textField(number: number, value: string): Encoded {
  return bytesField(number, Buffer.from(value))
}

export function bytesField(number: number, value: Uint8Array): Encoded {
  return messageField(number, { chunks: [value], length: value.length })
}

export function messageField(number: number, value: Encoded): Encoded {
  return message(whole([...varint(number * 8 + WIRE.lengthDelimited), ...varint(value.length)]), value)
}

function whole(bytes: readonly number[]): Encoded {
  return { chunks: [Uint8Array.from(bytes)], length: bytes.length }
}

/** Negative numbers take ten bytes, as those of `int64` do. */
function varint(value: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return [...bytes, Number(rest)]
}
