import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Hex, sha256Stream } from '../../../base/hash.ts'
import { Ctranslate2File, ModelFileError } from './ctranslate2-file.ts'
import type { FileCheck } from './file-check.ts'
import type { ModelFile } from './model-pins.ts'
import { DESCRIPTION, MODEL_FORMAT_VERSION, type ModelDescription } from './prepared-model.ts'
import type { Encoded } from './protobuf.ts'
import { decoderModel } from './whisper-decoder.ts'
import { encoderModel, sizeOf } from './whisper-encoder.ts'
import { readVocabulary, sherpaMetadata, sherpaTokens } from './whisper-vocabulary.ts'

/**
 * Converts a Whisper model of CTranslate2 to the files that sherpa-onnx reads.
 * @param source a directory with `model.bin`, `config.json` and `vocabulary.txt`. @param target an empty directory.
 * @throws ModelFileError if the source is no such model.
 */
export async function convertModel(source: string, target: string): Promise<void> {
  const content = await read(source, 'model.bin')
  const file = new Ctranslate2File(content)
  const vocabulary = readVocabulary(
    String(await read(source, 'vocabulary.txt')),
    String(await read(source, 'config.json')),
  )
  const languages = [...vocabulary.languages.keys()]
  const tokens = Buffer.from(sherpaTokens(vocabulary))
  const description: ModelDescription = {
    format: MODEL_FORMAT_VERSION,
    source: sha256Hex(content),
    languages: languages.length > 0 ? languages : ['en'],
    files: {
      'encoder.onnx': await write(
        target,
        'encoder.onnx',
        encoderModel(file, sherpaMetadata(vocabulary, sizeOf(file))),
      ),
      'decoder.onnx': await write(target, 'decoder.onnx', decoderModel(file, vocabulary)),
      'tokens.txt': await write(target, 'tokens.txt', { chunks: [tokens], length: tokens.length }),
    },
  }
  await writeFile(join(target, DESCRIPTION), JSON.stringify(description), { flush: true })
}

async function read(directory: string, name: ModelFile): Promise<Buffer> {
  return readFile(join(directory, name)).catch(({ code }: NodeJS.ErrnoException) => {
    throw new ModelFileError(`${name} in ${directory} cannot be read (${code}).`)
  })
}

async function write(directory: string, name: string, { chunks, length }: Encoded): Promise<FileCheck> {
  const hash = sha256Stream()
  const file = await open(join(directory, name), 'wx')
  try {
    for (const chunk of chunks) {
      hash.update(chunk)
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { size: length, sha256: hash.digest('hex') }
}
