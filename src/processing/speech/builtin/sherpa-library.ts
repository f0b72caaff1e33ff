import { createRequire } from 'node:module'
import type { SherpaResult } from './recognized-words.ts'

/** The native build, or the one in WebAssembly: about three times slower, for systems that the native one does not support. */
export type LibraryName = 'native' | 'wasm'

/** The functions that both builds have. */
export interface SherpaRecognizer {
  setConfig(config: object): void
  recognize(samples: Float32Array, sampleRate: number): Promise<SherpaResult>
}

export interface SherpaLibrary {
  readonly name: LibraryName
  /** Why a library before this one does not load. */
  readonly fault: string | undefined
  open(config: object): SherpaRecognizer
}

const load = createRequire(import.meta.url)

/** Loads the first library that this system supports. @throws Error of the last one if none loads. */
export function loadLibrary(names: readonly LibraryName[] = ['native', 'wasm']): SherpaLibrary {
  const [name, ...others] = names
  try {
    return { name: name!, fault: undefined, open: name === 'native' ? openNative() : openWasm() }
  } catch (error) {
    if (others.length === 0) throw error
    return { ...loadLibrary(others), fault: String((error as Error).message).split('\n')[0] }
  }
}

interface NativeStream {
  acceptWaveform(sound: { samples: Float32Array; sampleRate: number }): void
}

interface NativeRecognizer {
  createStream(): NativeStream
  setConfig(config: object): void
  decodeAsync(stream: NativeStream): Promise<SherpaResult>
}

function openNative(): SherpaLibrary['open'] {
  const { OfflineRecognizer } = load('sherpa-onnx-node') as {
    OfflineRecognizer: new (config: object) => NativeRecognizer
  }
  return config => {
    const recognizer = new OfflineRecognizer(config)
    return {
      setConfig: changed => recognizer.setConfig(changed),
      recognize(samples, sampleRate) {
        const stream = recognizer.createStream()
        stream.acceptWaveform({ samples, sampleRate })
        return recognizer.decodeAsync(stream)
      },
    }
  }
}

interface WasmStream {
  acceptWaveform(sampleRate: number, samples: Float32Array): void
  free(): void
}

interface WasmRecognizer {
  createStream(): WasmStream
  setConfig(config: object): void
  decode(stream: WasmStream): void
  getResult(stream: WasmStream): SherpaResult
}

function openWasm(): SherpaLibrary['open'] {
  const { createOfflineRecognizer } = load('sherpa-onnx') as {
    createOfflineRecognizer: (config: object) => WasmRecognizer
  }
  return config => {
    const recognizer = createOfflineRecognizer(config)
    return {
      setConfig: changed => recognizer.setConfig(changed),
      async recognize(samples, sampleRate) {
        const stream = recognizer.createStream()
        try {
          stream.acceptWaveform(sampleRate, samples)
          recognizer.decode(stream)
          return recognizer.getResult(stream)
        } finally {
          // The garbage collector does not reach into WebAssembly.
          stream.free()
        }
      },
    }
  }
}
