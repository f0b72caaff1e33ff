import type { Readable } from 'node:stream'
import parser, { type Token } from 'stream-json/parser.js'
import { ApiError } from '../../../base/errors.ts'
import { Base64Decoder } from './base64.ts'
import { type Form, MAX_FIELDS, MAX_TEXT_CHARACTERS, type OnFile } from './form-file.ts'

/** Number of base64 characters that are decoded at a time. */
const SLICE_CHARACTERS = 64 * 1024

/**
 * Reads a JSON object while it arrives. The members named in `files` are base64 and are decoded as they arrive, so that no whole file is in
 * memory.
 * @throws ApiError 400 that names the field, 413.
 */
export async function readJson(body: Readable, files: readonly string[], onFile: OnFile): Promise<Form> {
  const tokens = tokensOf(body)
  try {
    return await readObject(tokens, files, onFile)
  } finally {
    await tokens.return(undefined)
  }
}

async function readObject(
  tokens: AsyncGenerator<Token>,
  files: readonly string[],
  onFile: OnFile,
): Promise<Form> {
  const form: Form = {}
  const first = await tokens.next()
  if (first.done || first.value.name === 'nullValue') return form
  if (first.value.name !== 'startObject') throw malformed('The JSON must be an object.')
  for (;;) {
    const token = await following(tokens)
    if (token.name === 'endObject') break
    if (token.name !== 'keyValue') continue
    const name = token.value
    if (Object.keys(form).length >= MAX_FIELDS) throw malformed('The JSON has too many members.')
    const value = await following(tokens)
    if (value.name === 'startString' && files.includes(name)) {
      const decoder = new Base64Decoder(name)
      const bytes = decoded(tokens, decoder)
      const start = await bytes.next()
      await onFile(name, {
        filename: undefined,
        mediaType: decoder.mediaType,
        bytes: resumed(start, bytes),
        form,
      })
      while (!(await bytes.next()).done);
    } else {
      const text = await textOf(value, tokens, name)
      if (text !== undefined) form[name] = text
    }
  }
  // The parser throws on anything except white space after the object.
  while (!(await tokens.next()).done);
  return form
}

/** @throws the errors of the parser and of the connection. */
async function* tokensOf(body: Readable): AsyncGenerator<Token> {
  const parsed = parser.asStream({ packStrings: false, streamKeys: false, streamNumbers: false })
  const onError = (error: Error) => parsed.destroy(error)
  const onClose = () =>
    body.readableEnded || parsed.destroy(new ApiError(400, 'broken_off', 'The request was cut off.'))
  body.on('error', onError).on('close', onClose).pipe(parsed)
  try {
    for await (const token of parsed) yield token
  } catch (error) {
    throw error instanceof Error && error.message.startsWith('Parser ')
      ? malformed(`The body is not valid JSON: ${error.message}.`)
      : error
  } finally {
    body.off('error', onError).off('close', onClose).unpipe(parsed)
    parsed.destroy()
  }
}

async function following(tokens: AsyncGenerator<Token>): Promise<Token> {
  const { done, value } = await tokens.next()
  if (done) throw malformed('The JSON ends too early.')
  return value
}

async function* decoded(tokens: AsyncGenerator<Token>, decoder: Base64Decoder): AsyncGenerator<Buffer> {
  let text = ''
  for (;;) {
    const token = await following(tokens)
    if (token.name === 'stringChunk') text += token.value
    if (token.name === 'endString' || text.length >= SLICE_CHARACTERS) {
      const bytes = decoder.push(text)
      text = ''
      if (bytes.length > 0) yield bytes
    }
    if (token.name === 'endString') break
  }
  const last = decoder.end()
  if (last.length > 0) yield last
}

/** Continues an iteration after its first step. */
async function* resumed(
  first: IteratorResult<Buffer>,
  rest: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  if (first.done) return
  yield first.value
  for (;;) {
    const next = await rest.next()
    if (next.done) return
    yield next.value
  }
}

/** A value as the text of a form field. @returns undefined for null, objects and arrays, which no field accepts. @throws ApiError 413 */
async function textOf(
  value: Token,
  tokens: AsyncGenerator<Token>,
  name: string,
): Promise<string | undefined> {
  if (value.name === 'numberValue') return value.value
  if (value.name === 'trueValue' || value.name === 'falseValue') return String(value.value)
  if (value.name === 'nullValue') return undefined
  if (value.name !== 'startString') {
    for (let depth = 1; depth > 0; ) {
      const { name } = await following(tokens)
      if (name.startsWith('start') && /Object|Array/.test(name)) depth++
      else if (name === 'endObject' || name === 'endArray') depth--
    }
    return undefined
  }
  let text = ''
  for (;;) {
    const token = await following(tokens)
    if (token.name === 'endString') return text
    if (token.name === 'stringChunk') text += token.value
    if (text.length > MAX_TEXT_CHARACTERS)
      throw new ApiError(413, 'too_large', `${name.slice(0, 100)} is too long.`, name.slice(0, 100))
  }
}

function malformed(message: string): ApiError {
  return new ApiError(400, 'invalid_request', message)
}
