import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const SERVER = join(import.meta.dirname, '..', '..', 'src', 'http')
const ROOT = join(import.meta.dirname, '..', '..', 'src', 'page')
/** The service worker shows no text, and the types are generated. */
const TEXTLESS = ['api/api-types.d.ts', 'worker/**', 'locale/**']

/** The functions that translate, and the arguments that are English sentences. */
const TRANSLATORS: Readonly<Record<string, readonly number[]>> = {
  say: [0],
  sayWith: [0],
  mark: [0],
  sayCount: [1, 2],
}
/** Attributes that people see or hear. */
const SPOKEN = /^(aria-label|aria-valuetext|aria-description|title|placeholder|label|alt)$/
/** Functions whose argument is shown. */
const SHOWN = /^(toast|setProblem|Error|Problem)$/
/** Capital letters that begin no text: names of headers, of keys, of exceptions, and of the product. */
const NAMES =
  /^([A-Z][a-z]+(-[A-Z][a-z]+)+|Authorization|Accept|Bearer \{\}|Files|Longtake|\{\} – Longtake|(Arrow|Page)(Left|Right|Up|Down)|Enter|Escape|Delete|Home|End|Tab|Backspace|Mod\+\S+|Mac|(Enter|Escape|Shift|Home)[ +].*|X|NotAllowedError|Not\w+Error)$/

export interface Sentence {
  /** Whether it is about a number. */
  readonly isCounted: boolean
  /** The names in braces. */
  readonly values: readonly string[]
}

/** The names in braces of a sentence, each once. */
export const valuesOf = (sentence: string) =>
  [...new Set([...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))].sort()

/** All sentences of the page that are translated, and the faults of its files. */
export function sentencesOfPage(): { sentences: Map<string, Sentence>; faults: string[] } {
  const sentences = new Map<string, Sentence>()
  const faults: string[] = []
  for (const file of globSync('**/*.{ts,tsx}', { cwd: ROOT, exclude: TEXTLESS }).sort()) {
    const found = sentencesOf(file, readFileSync(join(ROOT, file), 'utf8'))
    for (const [sentence, facts] of found.sentences) {
      const known = sentences.get(sentence)
      if (known && known.isCounted !== facts.isCounted)
        faults.push(`${file}: ${sentence} is a count elsewhere`)
      sentences.set(sentence, facts)
    }
    faults.push(...found.faults)
  }
  // The pages that the service makes itself are templates, in which untranslated texts cannot be told from the rest.
  for (const file of ['guest-page.ts', 'offline-page.ts', 'problem-page.ts', 'routes/guests.ts'])
    for (const [sentence, facts] of sentencesOf(file, readFileSync(join(SERVER, file), 'utf8')).sentences)
      sentences.set(sentence, facts)
  return { sentences, faults }
}

/** The sentences of one file, and its texts that are not translated. */
export function sentencesOf(file: string, source: string) {
  const sentences = new Map<string, Sentence>()
  const faults: string[] = []
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true)
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return
    if (ts.isCallExpression(node)) {
      const call = callOf(node)
      if (call) {
        for (const [key, facts] of call.sentences) sentences.set(key, facts)
        faults.push(...call.faults.map(fault => `${file}: ${fault}`))
      }
    }
    const text = textOf(node)
    if (text !== undefined && isUntranslated(node, text)) faults.push(`${file}: ${text} is not translated`)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return { sentences, faults }
}

/** The name of the function, without that of its object. */
const nameOf = ({ expression }: ts.CallExpression) => expression.getText().replace(/^language\./, '')

function callOf(node: ts.CallExpression) {
  const name = nameOf(node)
  const places = TRANSLATORS[name]
  if (!places) return undefined
  const faults: string[] = []
  const sentences = new Map<string, Sentence>()
  const texts = places.flatMap(at => (node.arguments[at] && textOf(node.arguments[at])) ?? [])
  const key = texts.at(-1)
  if (key === undefined) return { sentences, faults }
  if (name !== 'mark' && !isInFunction(node)) faults.push(`${key} is translated before the language is known`)
  const values = [...new Set(texts.flatMap(valuesOf))].sort()
  const given = node.arguments[places.at(-1)! + 1]
  const names = [
    ...(name === 'sayCount' ? ['count'] : []),
    ...(given && ts.isObjectLiteralExpression(given)
      ? given.properties.map(each => each.name!.getText())
      : []),
  ]
  const missing = name === 'mark' ? [] : values.filter(each => !names.includes(each))
  const unused = names.filter(each => each !== 'count' && !values.includes(each))
  for (const each of missing) faults.push(`${key} has no value for ${each}`)
  for (const each of unused) faults.push(`${key} does not use ${each}`)
  sentences.set(key, { isCounted: name === 'sayCount', values })
  return { sentences, faults }
}

/** The text of a node; `{}` stands for each value of a template. Undefined if it is no text. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isJsxText(node)) return node.text.trim().replaceAll(/\s+/g, ' ')
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('')
  return undefined
}

function isUntranslated(node: ts.Node, text: string): boolean {
  if (!/\p{L}{2}/u.test(text) || NAMES.test(text)) return false
  if (ts.isJsxText(node)) return true
  const { parent } = node
  if (ts.isJsxAttribute(parent) && parent.name.getText() === 'class') return false
  if (ts.isCallExpression(parent) && parent.expression.getText() in TRANSLATORS) return false
  if (ts.isPropertyAssignment(parent) && parent.name === node) return false
  if (
    ts.isElementAccessExpression(parent) ||
    (ts.isBinaryExpression(parent) && /^(===|!==|in)$/.test(parent.operatorToken.getText()))
  )
    return false
  return /^[“(]?\p{Lu}\p{Ll}+([ ,.:’…]|$)/u.test(text) || isShown(node)
}

/** Whether a text is a result of an expression in an attribute or an element that people see, or an argument of a message. */
function isShown(node: ts.Node): boolean {
  const { parent } = node
  if (ts.isJsxAttribute(parent)) return SPOKEN.test(parent.name.getText())
  if (ts.isJsxExpression(parent)) return ts.isJsxAttribute(parent.parent) ? isShown(parent) : true
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent))
    return (
      SHOWN.test(parent.expression.getText()) &&
      parent.arguments?.[parent.expression.getText() === 'Problem' ? 2 : 0] === node
    )
  const isResult =
    (ts.isConditionalExpression(parent) && parent.condition !== node) ||
    (ts.isBinaryExpression(parent) && /^(&&|\|\||\?\?)$/.test(parent.operatorToken.getText())) ||
    ts.isParenthesizedExpression(parent) ||
    ts.isTemplateSpan(parent) ||
    ts.isTemplateExpression(parent)
  return isResult && isShown(parent)
}

function isInFunction(node: ts.Node): boolean {
  for (let each: ts.Node | undefined = node; each; each = each.parent)
    if (ts.isFunctionLike(each)) return true
  return false
}
