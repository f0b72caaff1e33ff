import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { mark, say, sayCount, sayWith, setLanguage, type Words } from '../../src/page/locale/say.ts'
import { type Sentence, sentencesOf, sentencesOfPage, valuesOf } from './sentences.ts'

const DIRECTORY = join(import.meta.dirname, '..', '..', 'src', 'page', 'locale')
const FILES = readdirSync(DIRECTORY).filter(file => file.endsWith('.json'))

const wordsOf = (file: string): Words => JSON.parse(readFileSync(join(DIRECTORY, file), 'utf8'))

/** The faults of a translation: it lacks something, has something needless, or has other values than the English sentence. */
function faultsOf(words: Words, language: string, sentences: ReadonlyMap<string, Sentence>): string[] {
  const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions()
  const faults = Object.keys(words)
    .filter(each => !sentences.has(each))
    .map(each => `“${each}” is no sentence of the page`)
  for (const [sentence, { isCounted, values }] of sentences) {
    const translation = words[sentence]
    if (translation === undefined) faults.push(`“${sentence}” is missing`)
    else if (typeof translation === 'string') {
      if (isCounted) faults.push(`“${sentence}” has no forms for numbers`)
      if (`${valuesOf(translation)}` !== `${values}`) faults.push(`“${sentence}” has other values`)
      if (!translation.trim()) faults.push(`“${sentence}” is empty`)
    } else {
      if (!isCounted) faults.push(`“${sentence}” needs no forms for numbers`)
      if (`${Object.keys(translation).sort()}` !== `${pluralCategories.toSorted()}`)
        faults.push(`“${sentence}” has other forms than ${pluralCategories}`)
      for (const [form, text] of Object.entries(translation))
        faults.push(...faultsOfForm(sentence, form, text, values))
    }
  }
  return faults
}

/** Forms that stand for several numbers must contain the number if the English sentence does. */
function faultsOfForm(sentence: string, form: string, text: string, values: readonly string[]): string[] {
  const own = valuesOf(text)
  const isExact = form === 'zero' || form === 'one' || form === 'two'
  return [
    ...own.filter(each => !values.includes(each)).map(each => `“${sentence}” knows no ${each}`),
    ...(!isExact && valuesOf(sentence).includes('count') && !own.includes('count')
      ? [`“${sentence}” lacks the number in the form ${form}`]
      : []),
  ]
}

t.test('all texts of the page are translated', async t => {
  const { sentences, faults } = sentencesOfPage()
  t.same(faults, [])
  t.ok(sentences.size > 500, 'the sentences are found')
  t.ok(FILES.length >= 4, 'the translations are found')
  for (const file of FILES) t.same(faultsOf(wordsOf(file), basename(file, '.json'), sentences), [], file)
})

t.test('the check finds what is wrong', async t => {
  const untranslated = (source: string) => sentencesOf('a.tsx', source).faults.length
  t.equal(untranslated('const a = <p>Ready</p>'), 1, 'a text')
  t.equal(untranslated("const a = <img alt='a dog' />"), 1, 'an attribute')
  t.equal(
    untranslated("const a = <b>{isOn ? 'on' : say('off')}</b>"),
    2,
    'a choice, and say outside of functions',
  )
  t.equal(untranslated("toast('saved')"), 1, 'a message')
  t.equal(untranslated('const a = () => `Version \u0024{n}`'), 1, 'a composed text')
  t.equal(untranslated("const a = () => say('{a} of {b}', { a })"), 1, 'a value that is missing')
  t.equal(untranslated("const a = () => say('{a}', { a, b })"), 1, 'a value that is not used')
  t.equal(untranslated("const a = () => <b class='Big one' title={say('{a}', { a })} />"), 0)

  const sentences = new Map([
    ['{a} of b', { isCounted: false, values: ['a'] }],
    ['{count} dogs', { isCounted: true, values: ['count'] }],
  ])
  const right = { '{a} of b': '{a} von b', '{count} dogs': { one: 'ein Hund', other: '{count} Hunde' } }
  const faults = (changes: Words) => faultsOf({ ...right, ...changes }, 'de', sentences).length
  t.equal(faults({}), 0)
  t.equal(faults({ c: 'c' }), 1, 'a sentence that the page does not have')
  t.equal(faults({ '{a} of b': 'b' }), 1, 'a value is lost')
  t.equal(faults({ '{a} of b': { one: '{a}', other: '{a}' } }), 1, 'forms without a number')
  t.equal(faults({ '{count} dogs': { other: '{count} Hunde' } }), 1, 'a form is missing')
  t.equal(faults({ '{count} dogs': { one: 'ein Hund', other: 'Hunde' } }), 1, 'a number is missing')
  t.equal(faultsOf({}, 'de', sentences).length, 2, 'everything is missing')
})

t.test('sentences get their values, forms and elements', async t => {
  t.equal(say('{name} of {name}', { name: '{count} $&' }), '{count} $& of {count} $&')
  t.equal(sayCount(1, 'One dog', '{count} dogs'), 'One dog')
  t.equal(sayCount(1234, 'One dog', '{count} dogs of {name}', { name: 'Ann' }), '1,234 dogs of Ann')
  t.same(sayWith('a {b} c', { b: 7 }), ['a ', 7, ' c'])
  t.equal(mark('Ready'), 'Ready')

  const dogs = { zero: 'Z', one: 'O', two: 'T', few: 'F {count}', many: 'M {count}', other: 'X {count}' }
  setLanguage({ tag: 'ar-EG', isRtl: true, words: { '{count} dogs': dogs, '{a} of b': 'b {a}' } })
  t.teardown(() => setLanguage({ tag: 'en', isRtl: false, words: {} }))
  const forms = [0, 1, 2, 3, 11, 100].map(count => sayCount(count, 'One dog', '{count} dogs'))
  t.same(forms, ['Z', 'O', 'T', 'F \u20683\u2069', 'M \u206811\u2069', 'X \u2068100\u2069'])
  t.equal(say('{a} of b', { a: 'A' }), 'b \u2068A\u2069', 'a value keeps its direction')
  t.equal(say('Not there'), 'Not there', 'without a translation in English')
})
