import t from 'tap'
import { ApiError } from '../../src/errors.ts'
import { type UploadMetadata, validateMetadata, validateText } from '../../src/uploads/metadata.ts'

/** The field that is refused, or nothing. */
function refused(metadata: UploadMetadata, options?: { maxBytes: number }): string | undefined {
  try {
    validateMetadata(metadata, options)
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 400 && error.code === 'invalid_metadata')) throw error
    return error.field
  }
}

t.test('takes what clients send', async t => {
  const good: UploadMetadata[] = [
    {},
    {
      filename: 'film.mp4',
      filetype: 'video/mp4',
      title: 'A title',
      description: 'Two\nlines\tand more\r\n',
      language: 'pt-BR',
    },
    { filename: '日本語 🎬 «ü».mov', title: '', description: null, language: '', filetype: '' },
    { filename: '../../etc/passwd', filetype: 'video/webm;codecs="vp8,opus"' },
    {
      filetype: 'application/vnd.apple.mpegurl; charset=utf-8',
      relativePath: 'null',
      name: null,
      constructor: 'x',
      'x-y_z': '',
    },
    { language: 'zh-Hant-TW' },
    { language: 'yue' },
    { title: 'é'.repeat(500), filename: 'f'.repeat(255) },
  ]
  for (const metadata of good) t.equal(refused(metadata), undefined, JSON.stringify(metadata).slice(0, 60))
})

t.test('refuses what cannot be stored or shown, and names the field', async t => {
  for (const field of [
    'filename',
    'title',
    'description',
    'filetype',
    'language',
    'other',
    'constructor',
    'toString',
  ]) {
    for (const value of [
      'a\0b',
      '\0',
      '\u001b[31m',
      '\u007f',
      '\ud800',
      'a\udc00b',
      '\udfff\ud800',
      '\ufffd',
    ])
      t.equal(refused({ [field]: value }), field, JSON.stringify({ [field]: value }))
  }
})

t.test('refuses what is too much', async t => {
  t.equal(refused({ title: 'x'.repeat(501) }), 'title')
  t.equal(refused({ filename: 'x'.repeat(256) }), 'filename')
  t.equal(refused({ filetype: `video/${'x'.repeat(250)}` }), 'filetype')
  t.equal(refused({ description: 'x'.repeat(10_001) }, { maxBytes: 1e6 }), 'description')
  t.equal(refused({ description: 'x'.repeat(10_000) }, { maxBytes: 1e6 }), undefined)
  t.equal(refused({ description: 'x'.repeat(5000) }), 'Upload-Metadata')
  t.equal(refused({ description: 'ü'.repeat(2500) }), 'Upload-Metadata', 'counted in bytes')
  t.equal(
    refused(Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`key${n}`, '']))),
    'Upload-Metadata',
  )
  t.equal(refused(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`key${n}`, '']))), undefined)
})

t.test('refuses what is in no form', async t => {
  for (const filetype of [
    'video',
    'video/',
    '/mp4',
    'video/mp4\nx',
    'video mp4',
    'video/mp4 x',
    '<b>/x',
    'a/b/c',
  ])
    t.equal(refused({ filetype }), 'filetype', filetype)
  for (const language of [
    'e',
    'engl',
    'en_US',
    'en-',
    '-en',
    'en-a',
    'en US',
    'en\n',
    'é',
    "en'--",
    'en-toolongpart',
  ])
    t.equal(refused({ language }), 'language', language)
  for (const key of ['', 'a b', 'é', 'a\0', 'k'.repeat(256)])
    t.equal(refused({ [key]: 'x' }), 'Upload-Metadata', key)
})

t.test('a field may be as long as its limit, and no longer', async t => {
  t.doesNotThrow(() => validateText('q', 'x'.repeat(10), 10))
  t.throws(() => validateText('q', 'x'.repeat(11), 10), /q is longer than 10 characters/)
})
