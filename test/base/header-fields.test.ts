import t from 'tap'
import {
  fieldOf,
  isJsonType,
  isMediaType,
  isPlain,
  listElements,
  mediaTypeOf,
} from '../../src/base/header-fields.ts'

t.test('lists: empty elements, white space, several lines, quoted strings', async t => {
  const lists: [string | string[] | undefined, string[]][] = [
    [undefined, []],
    ['', []],
    [' , \t,', []],
    ['a', ['a']],
    ['a,b , c', ['a', 'b', 'c']],
    [',a,,b,', ['a', 'b']],
    [
      ['a', 'b, c'],
      ['a', 'b', 'c'],
    ],
    ['"a,b";q=1, c', ['"a,b";q=1', 'c']],
    ['"a\\",b", c', ['"a\\",b"', 'c']],
    ['"a, b', ['"a, b']],
  ]
  for (const [value, elements] of lists) t.same(listElements(value), elements, JSON.stringify(value))
})

t.test('media types: case, parameters, quotes', async t => {
  for (const value of [
    'Application/Offset+Octet-Stream',
    'application/offset+octet-stream; charset=utf-8',
    ' application/offset+octet-stream ;x="a;b"',
    'application/offset+octet-stream;',
    'APPLICATION/OFFSET+OCTET-STREAM;;a=b',
  ])
    t.ok(isMediaType(value, 'text/plain', 'application/offset+octet-stream'), value)
  for (const value of [
    undefined,
    '',
    'mp4',
    'application/offset',
    'application/offset+octet-streams',
    'a/b/c',
  ])
    t.notOk(isMediaType(value, 'application/offset+octet-stream'), `${value}`)
  const { essence, parameters } = mediaTypeOf('Multipart/Form-Data; Boundary="a;b=\\"c,"; x=Y')!
  t.equal(essence, 'multipart/form-data')
  t.same(
    [...parameters],
    [
      ['boundary', 'a;b="c,'],
      ['x', 'Y'],
    ],
  )
  for (const value of [
    'application/json',
    'Application/JSON;charset="utf-8"',
    'application/merge-patch+json',
  ])
    t.ok(isJsonType(value), value)
  for (const value of ['text/json', 'application/jsonp', 'application/json5', 'application/x+jsonx', ''])
    t.notOk(isJsonType(value), value)
})

t.test('an empty field says nothing', async t => {
  t.equal(fieldOf({ 'upload-concat': ' ' }, 'Upload-Concat'), undefined)
  t.equal(fieldOf({}, 'Upload-Concat'), undefined)
  t.equal(fieldOf({ 'upload-concat': ' partial ' }, 'Upload-Concat'), 'partial')
})

t.test('codings that change nothing', async t => {
  for (const value of [undefined, '', 'identity', 'Identity, identity,']) t.ok(isPlain(value), `${value}`)
  for (const value of ['gzip', 'identity, gzip', 'x']) t.notOk(isPlain(value), value)
})
