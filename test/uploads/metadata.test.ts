import t from 'tap'
import { ApiError } from '../../src/base/errors.ts'
import { validateText } from '../../src/base/texts.ts'
import { type UploadMetadata, validLabels } from '../../src/uploads/core/metadata.ts'
import { parseUploadMetadata } from '../../src/uploads/tus/metadata-header.ts'

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')

t.test('what is valid stays as it is', async t => {
  const good: UploadMetadata[] = [
    {},
    {
      filename: 'film.mp4',
      filetype: 'video/mp4',
      title: 'A title',
      description: 'Two\nlines\tand more\r\n',
      language: 'pt-BR',
      tags: 'a, b,c',
    },
    { filename: '日本語 🎬 «ü».mov', title: '', description: null, language: '', filetype: '' },
    { filename: '../../etc/passwd', filetype: 'video/webm;codecs="vp8,opus"' },
    { filetype: 'application/vnd.apple.mpegurl; charset=utf-8', name: null, constructor: 'x', 'x-y_z': '' },
    { language: 'zh-Hant-TW' },
    { language: 'yue' },
    { title: 'é'.repeat(500), filename: 'f'.repeat(255) },
  ]
  for (const metadata of good) t.same(validLabels(metadata), metadata, JSON.stringify(metadata).slice(0, 60))
})

t.test('a label that is not of its form is left out, and the others are kept', async t => {
  const bad: [key: string, value: string][] = [
    ...['video', 'video/', '/mp4', 'video mp4', 'video/mp4 x', '<b>/x', 'a/b/c', 'mp4'].map(
      value => ['filetype', value] as [string, string],
    ),
    ...['e', 'engl', 'de_DE', 'en-', '-en', 'en-a', 'en US', '../', 'é', "en'--", 'German'].map(
      value => ['language', value] as [string, string],
    ),
    ...['', 'a b', 'é', 'a\0', 'k'.repeat(256)].map(key => [key, 'x'] as [string, string]),
    ['other', 'x'.repeat(4097)],
  ]
  for (const [key, value] of bad)
    t.same(validLabels({ [key]: value, title: 'kept' }), { title: 'kept' }, `${key}: ${value.slice(0, 40)}`)
})

t.test('characters that cannot be stored or shown are removed', async t => {
  const texts: [string, string][] = [
    ['a\0b', 'ab'],
    ['\u001b[31mred', '[31mred'],
    ['a\u007f', 'a'],
    ['a\ud800', 'a'],
    ['\udfff\ud800x', 'x'],
    ['Fran\ufffdois', 'Franois'],
    ['🎬\ufffd', '🎬'],
  ]
  for (const [value, expected] of texts)
    for (const key of ['filename', 'title', 'description', 'tags', 'other', 'constructor', 'toString'])
      t.same(validLabels({ [key]: value }), { [key]: expected }, `${key} ${JSON.stringify(value)}`)
})

t.test('what is too much is cut', async t => {
  const one = (metadata: UploadMetadata, options?: { maxBytes: number }) => {
    const [value] = Object.values(validLabels(metadata, options))
    return value
  }
  t.equal(one({ title: 'x'.repeat(501) }), 'x'.repeat(500))
  t.equal(one({ title: `${'x'.repeat(499)}🎬` }), 'x'.repeat(499), 'not in the middle of a character')
  t.equal(one({ filename: `${'x'.repeat(300)}.mp4` }), `${'x'.repeat(251)}.mp4`, 'with its extension')
  t.equal(one({ description: 'x'.repeat(10_001) }, { maxBytes: 1e6 }), 'x'.repeat(10_000))
  t.equal(one({ description: 'x'.repeat(5000) }), 'x'.repeat(4096 - 'description'.length))
  t.equal(one({ description: 'ü'.repeat(2500) })!.length, 2042, 'counted in bytes')
  t.equal(one({ tags: `a,${'x'.repeat(51)},b` }), 'a,b')
  t.equal(one({ tags: Array.from({ length: 40 }, (_, n) => n).join() })!.split(',').length, 30)

  const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`key${n}`, 'x']))
  const kept = validLabels({ ...many, title: 'the last' })
  t.equal(Object.keys(kept).length, 50)
  t.equal(kept['title'], 'the last', 'labels that are used come first')
  t.same(validLabels({ description: 'x'.repeat(4000), title: 'short', other: 'y'.repeat(200) }), {
    description: 'x'.repeat(4000),
    title: 'short',
  })
})

t.test('Upload-Metadata in the forms that clients send', async t => {
  const both = { filename: 'x.mp4', title: 'Talk' }
  const [name, title] = [`filename ${base64('x.mp4')}`, `title ${base64('Talk')}`]
  const forms: [string | undefined, UploadMetadata][] = [
    [undefined, {}],
    ['', {}],
    [' , ,', {}],
    [`${name},${title}`, both],
    [`${name}, ${title}`, both],
    [`${name} ,\t${title} ,`, both],
    [`,${name},,${title},`, both],
    [`filename  ${base64('x.mp4')},${title}`, both],
    [`filename\t${base64('x.mp4')},${title}`, both],
    [`${name},${title.replace(/=+$/, '')}`, both],
    [`${name},${title},is_confidential`, { ...both, is_confidential: null }],
    [`${name},${title},title ${base64('Again')}`, both],
    [`${name},${title},language %%%`, both],
    [`${name},${title},language ${base64('de_DE')}`, both],
    [`${name},${title},a b ${base64('c')}`, both],
    [`${name},"${title}`, { filename: 'x.mp4', '"title': 'Talk' }],
    [`${name},title ${base64(Buffer.from([0x54, 0xff, 0x61]))}`, { filename: 'x.mp4', title: 'Ta' }],
    [`${name},title `, { filename: 'x.mp4', title: null }],
    [`__proto__ ${base64('x')},${title}`, JSON.parse('{"__proto__":"x","title":"Talk"}')],
  ]
  for (const [header, expected] of forms)
    t.same(Object.entries(parseUploadMetadata(header)), Object.entries(expected), JSON.stringify(header))
})

t.test('a request that only changes a text is refused, and told the field', async t => {
  const refused = (value: string) => {
    try {
      validateText('title', value, 10)
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 400)) throw error
      return error.field
    }
  }
  t.equal(refused('x'.repeat(10)), undefined)
  for (const value of ['x'.repeat(11), 'a\0', '\ufffd', '\ud800', '\u001b'])
    t.equal(refused(value), 'title', JSON.stringify(value))
})
