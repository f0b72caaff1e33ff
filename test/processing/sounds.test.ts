import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { audio } from '../../src/processing/media/audio.ts'
import { decodeAudio } from '../support/decode-audio.ts'
import { factsOf, type Made, runStep } from '../support/run-step.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { hearWords, renderWords, SAMPLE_RATE, type SpokenWord } from '../support/tone-words.ts'

const directory = throwAwayDirectory('sounds')
const run = promisify(execFile)
const SECONDS = 2.5

const FIRST: SpokenWord[] = [
  { word: 'apple', start: 0.2 },
  { word: 'river', start: 1.4 },
]
const SECOND: SpokenWord[] = [
  { word: 'moon', start: 0.8 },
  { word: 'table', start: 2 },
]

async function spoken(name: string, words: SpokenWord[]): Promise<string[]> {
  const path = join(directory, `${name}.pcm`)
  await writeFile(path, new Uint8Array(renderWords(words, SECONDS).buffer))
  return ['-f', 's16le', '-ar', String(SAMPLE_RATE), '-ac', '1', '-i', path]
}
const first = await spoken('first', FIRST)
const second = await spoken('second', SECOND)
const both = [...first, ...second]

async function make(name: string, ...args: string[]): Promise<string> {
  const path = join(directory, name)
  await run('ffmpeg', ['-v', 'error', '-y', ...args, '-threads', '1', path])
  return path
}

/** The words in the audio that is sent to the speech-to-text service. */
async function heardIn(path: string): Promise<string> {
  const { files } = await runStep(audio, path)
  return hearWords(await decodeAudio(files.audio!.path))
    .map(({ word }) => word)
    .join(' ')
}

async function lengthOf(path: string): Promise<number> {
  return (await decodeAudio(path)).length / SAMPLE_RATE
}

t.test('words on any channel reach the speech-to-text service', async t => {
  const layouts: Record<string, string> = {
    'the same on both': 'pan=stereo|c0=c0|c1=c0',
    'in opposite phase': 'pan=stereo|c0=c0|c1=-1*c0',
    'in opposite phase at different levels': 'pan=stereo|c0=c0|c1=-0.7*c0',
    'on the left alone': 'pan=stereo|c0=c0|c1=0*c0',
    'on the right alone': 'pan=stereo|c0=0*c0|c1=c0',
    'in the centre of 5.1': 'pan=5.1|FC=c0',
    'in opposite phase in front of 5.1': 'pan=5.1|FL=c0|FR=-1*c0',
    'in opposite phase at the back of 7.1': 'pan=7.1|BL=c0|BR=-1*c0',
    'in opposite phase on neighbours of ten microphones': 'aeval=0|0|0|0|val(0)|-val(0)|0|0|0|0',
    'quietly in the centre of 5.1': 'volume=-24dB,pan=5.1|FC=c0',
  }
  for (const [name, filter] of Object.entries(layouts)) {
    const path = await make('layout.wav', ...first, '-af', filter)
    t.equal(await heardIn(path), 'apple river', name)
  }
  const changing = await make(
    'changing.wav',
    ...[...first, '-af', 'aeval=val(0)|val(0)*if(lt(t\\,1)\\,1\\,-1):c=stereo'],
  )
  t.equal(await heardIn(changing), 'apple river', 'the phase is inverted from the middle on')
  const hum = await make(
    'hum.wav',
    ...[...first, '-f', 'lavfi', '-i', 'sine=frequency=50:sample_rate=16000:duration=2.5,volume=6'],
    ...['-filter_complex', '[0][1]amerge'],
  )
  t.equal(await heardIn(hum), 'apple river', 'the other channel contains mains hum')
  const sides = await make('sides.wav', ...both, '-filter_complex', '[0][1]amerge')
  t.equal(await heardIn(sides), 'apple moon river table', 'two people speak on two channels')
})

t.test('the tracks of several microphones are transcribed together, and no other tracks', async t => {
  const two = [...both, '-map', '0', '-map', '1', '-default_mode', 'passthrough', '-disposition', '0']
  const all = 'apple moon river table'
  const cases: Record<string, [wanted: string, args: string[]]> = {
    'an interview': [all, two],
    'an interview in stereo': [all, [...two, '-ac', '2']],
    'the first one silent': ['moon table', [...two, '-filter:a:0', 'volume=0']],
    'another language': [
      'apple river',
      [...two, '-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=ger'],
    ],
    'a commentary by its flag': ['apple river', [...two, '-disposition:a:1', 'comment']],
    'a commentary by its title': [
      'apple river',
      [...two, '-metadata:s:a:1', 'title=Commentary with the director'],
    ],
    'the mix of a film and another': ['apple river', [...two, '-ac:a:0', '6']],
  }
  for (const [name, [wanted, args]] of Object.entries(cases))
    t.equal(await heardIn(await make('tracks.mkv', ...args)), wanted, name)
})

t.test('each track can be downloaded', async t => {
  const path = await make('each.mkv', ...both, '-map', '0', '-map', '1', '-c:a:0', 'aac', '-c:a:1', 'flac')
  const { files = [] } = await runAll(path)
  const heard = async (kind: string) => {
    const file = files.find(each => each.kind === kind)!
    return hearWords(await decodeAudio(file.path))
      .map(({ word }) => word)
      .join(' ')
  }
  t.equal(await heard('audio_download'), 'apple river')
  t.equal(await heard('audio_track'), 'moon table')
  t.match(
    files.filter(({ kind }) => kind === 'audio_track'),
    [{ variant: '1', contentType: 'audio/mpeg' }],
  )
})

t.test('a download is as long as the sound of the video', async t => {
  const tone = ['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=3']
  const film = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=10:duration=2']
  const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast']
  const opus = await make('opus.mp4', ...tone, '-c:a', 'libopus')
  const aac = await make('aac.mp4', ...tone, '-c:a', 'aac')
  const begun = (source: string, name: string) =>
    make(name, '-ss', '1.2', '-i', source, '-c', 'copy', '-t', '1.5')
  const late = [...film, '-itsoffset', '0.7', ...tone.slice(0, 3), 'sine=duration=1', ...h264]
  const cases: Record<string, string> = {
    'Opus whose end is cut off': await withEdit(opus, 1.004),
    'Opus whose beginning is cut off': await begun(opus, 'begun-opus.mp4'),
    'AAC whose end is cut off': await withEdit(aac, 1.004),
    'AAC whose beginning is cut off': await begun(aac, 'begun-aac.mp4'),
    'a sound that begins late': await make('late.mp4', ...late, '-c:a', 'aac'),
    'a sound that begins late, as Opus': await make('late.mkv', ...late, '-c:a', 'libopus'),
    'a whole one of Opus': opus,
    'a whole one of AAC': aac,
    'a whole one of MP3': await make('whole.mp3', ...tone),
  }
  for (const [name, path] of Object.entries(cases)) {
    const { files } = await runStep(audio, path)
    const wanted = files.audio!.details['duration'] as number
    const made = await lengthOf(files.audio_download!.path)
    t.ok(Math.abs(made - wanted) < 0.06, `${name}: ${made} s, in the film ${wanted} s`)
    t.ok(Math.abs((await lengthOf(files.audio!.path)) - wanted) < 0.01, `${name}: for speech`)
  }
  const { files } = await runStep(audio, cases['Opus whose end is cut off']!)
  t.ok(
    Math.abs((files.audio!.details['duration'] as number) - 1.004) < 0.03,
    'the edit list decides the duration',
  )
})

t.test('a very short sound has its exact length, and an empty one counts as no audio', async t => {
  for (const samples of [800, 1000]) {
    const path = await make(`${samples}.wav`, ...first, '-af', `atrim=end_sample=${samples}`)
    t.match((await runStep(audio, path)).files.audio?.details, { duration: samples / SAMPLE_RATE })
  }
  const film = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=160x120:rate=10:duration=1',
    ...first,
    '-map',
    '0',
    '-map',
    '1',
  ]
  const empty = await make(
    'empty.mkv',
    ...film,
    '-af',
    'atrim=end_sample=0',
    '-c:v',
    'libx264',
    '-c:a',
    'pcm_s16le',
  )
  t.match((await factsOf(empty)).streams, [{ kind: 'video' }, { kind: 'audio' }])
  t.match(await runStep(audio, empty), { skipped: 'no_audio' })
})

async function runAll(path: string): Promise<Pick<Made, 'skipped'> & { files?: readonly MadeFileOf[] }> {
  const made: MadeFileOf[] = []
  const { skipped } = await runStep(
    {
      ...audio,
      run: async context => {
        const result = await audio.run(context)
        made.push(...(result.files ?? []))
        return result
      },
    },
    path,
  )
  return { ...(skipped !== undefined && { skipped }), files: made }
}
type MadeFileOf = NonNullable<Awaited<ReturnType<typeof audio.run>>['files']>[number]

/** A copy of an MP4 whose edit list ends after the given seconds (ISO/IEC 14496-12 §8.6.6). */
async function withEdit(path: string, seconds: number): Promise<string> {
  const bytes = await readFile(path)
  const at = bytes.indexOf('elst') + 4
  const units = bytes.readUInt32BE(bytes.indexOf('mvhd') + 16)
  bytes.writeUInt32BE(Math.round(seconds * units), at + 8)
  const edited = path.replace('.mp4', '-edited.mp4')
  await writeFile(edited, bytes)
  return edited
}
