import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { startBrowser } from '../support/browser.ts'
import { clip, textFile } from '../support/clips.ts'
import { startService } from '../support/service.ts'
import { endedVideo, postVideo } from '../support/video-api.ts'
import { faults, openServicePage } from './service-page.ts'

const [service, browser, film] = await Promise.all([
  startService(),
  startBrowser(),
  clip({ seconds: 12, size: '320x180' }),
])
t.teardown(() => Promise.all([service.stop(), browser.close()]))
const { url } = service
for (const title of ['A', 'B']) await postVideo(url, film, { title, tags: 't' })
const { id } = await postVideo(url, film, { title: 'C' })
const broken = await postVideo(url, await textFile('mp4'), { title: 'D' }, { name: 'D.mp4' })
await Promise.all([id, broken.id].map(each => endedVideo(url, each)))
await fetch(`${url}/videos/${id}/transcript`, {
  method: 'PUT',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ segments: [{ start: 0, end: 2, text: '1', speaker: 'E' }] }),
})

/** Long words and the other direction need room. Colours are the same in all languages. */
const PHONE = [[360, 'light']] as const

type Words = Readonly<Record<string, string | Readonly<Record<string, string>>>>

const wordsOf = (language: string): Words =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, `../../src/page/locale/${language}.json`), 'utf8'),
  ) as Words

/** The texts and names in the document that are English sentences of the page and have another translation. */
function englishTexts(page: Page, words: Words): Promise<string[]> {
  const patterns = Object.entries(words)
    .flatMap(([sentence, translation]) => (sentence === translation ? [] : [sentence]))
    // Without the values, more than signs must be left.
    .filter(sentence => /\p{L}{2}/u.test(sentence.replaceAll(/\{\w+\}/g, '')))
    .map(sentence => {
      const escaped = sentence.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
      return `^${escaped.replaceAll(/\\\{\w+\\\}/g, '.+')}$`
    })
  return page.evaluate(sources => {
    const texts: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      // What the server tells about a failure is in English.
      if (node.parentElement!.closest('body [lang=en]')) continue
      if (node instanceof Text) texts.push(node.data)
      else
        for (const name of ['aria-label', 'title', 'placeholder', 'aria-valuetext'])
          texts.push((node as Element).getAttribute(name) ?? '')
    }
    texts.push(document.title.replace(/ – Longtake$/, ''))
    const english = sources.map(source => new RegExp(source))
    return [...new Set(texts.map(text => text.trim()))].filter(text => english.some(each => each.test(text)))
  }, patterns)
}

/** Checks a view: it has no English texts, fits on a phone and has no findings of axe. */
async function check(t: Test, page: Page, words: Words, name: string): Promise<void> {
  t.same(await englishTexts(page, words), [], `${name} has no English texts`)
  t.same(await faults(page, name, PHONE), [], name)
}

for (const [tag, dir] of [
  ['de-AT', 'ltr'],
  ['ar-EG', 'rtl'],
] as const) {
  const language = tag.slice(0, 2)
  t.test(`the page in ${tag}`, async t => {
    const words = wordsOf(language)
    const say = (sentence: string) => words[sentence] as string
    const { page, complaints } = await openServicePage(browser, url, { locale: tag })
    t.teardown(() => page.context().close())
    const button = (name: string) => page.getByRole('button', { name: say(name), exact: true })
    const see = (name: string) => check(t, page, words, `${language}-${name}`)

    await page.getByRole('link', { name: 'A', exact: true }).waitFor()
    t.same(
      await page.evaluate(() => {
        const { lang, dir } = document.documentElement
        return { lang, dir }
      }),
      { lang: tag, dir },
    )
    await see('library')
    await page.getByRole('link', { name: 'A', exact: true }).focus()
    await page.keyboard.press('x')
    await page.getByRole('region', { name: say('Selected videos') }).waitFor()
    await see('selection')
    await page.keyboard.press('Escape')
    await page.getByRole('textbox', { name: say('Search titles and transcripts') }).fill('zzz')
    await page.getByText(say('Nothing found for “{q}”').replace(/\{q\}.*/, '')).waitFor()
    await see('nothing-found')

    await page.goto(`${url}/watch/${id}`)
    await page.getByText('1', { exact: true }).waitFor()
    await see('watch')
    await button('Share').click()
    await page.getByText(say('Links for guests')).click()
    await button('Create guest link').click()
    await button('Copy guest link').waitFor()
    await see('share')
    await page.keyboard.press('Escape')
    await button('Edit').click()
    await page.getByRole('button', { name: /1$/ }).click()
    await button('Split at the cursor').waitFor()
    await see('editor')

    await page.goto(`${url}/watch/${broken.id}`)
    await page.getByRole('heading', { name: say('This file cannot be played') }).waitFor()
    await see('unusable')

    await page.goto(`${url}/record`)
    await button('Start recording').waitFor()
    await see('record')
    await page.keyboard.press('?')
    await page.getByRole('heading', { name: say('Transcript'), exact: true }).waitFor()
    await see('shortcuts')

    await page.keyboard.press('Escape')
    await page.locator('input[type=file]').setInputFiles(film)
    await page.locator('.tray-row.ready').waitFor()
    await see('tray')

    await page.route('**/videos/bin?*', route => route.fulfill({ status: 401, body: '{}' }))
    await page.goto(`${url}/bin`)
    await page.getByRole('heading', { name: say('Sign in') }).waitFor()
    await see('sign-in')
    t.same(complaints, [])
  })
}

t.test('the page in a language that it does not have is in English, with English dates', async t => {
  const { page } = await openServicePage(browser, url, { locale: 'pl-PL' })
  t.teardown(() => page.context().close())
  await page.getByRole('link', { name: 'Library' }).waitFor()
  t.equal(await page.evaluate(() => document.documentElement.lang), 'en')
  await page
    .getByText('just now')
    .or(page.getByText(/^(now|\d+ minutes? ago)$/))
    .first()
    .waitFor()
})

t.test('pages for guests are in the language of the browser', async t => {
  const get = async (path: string, languages: string) => {
    const response = await fetch(`${url}/${path}`, {
      headers: { accept: 'text/html', 'accept-language': languages },
    })
    return { vary: response.headers.get('vary') ?? '', html: await response.text() }
  }
  const german = await get('s/unknown', 'pl, de-CH;q=0.9, ar;q=0.5')
  t.match(german.html, '<html lang="de" dir="ltr">')
  t.match(german.html, wordsOf('de')['This link does not work any more'] as string)
  t.match(german.vary, /\bAccept-Language\b/)
  t.match((await get('offline', 'ar')).html, '<html lang="ar" dir="rtl">')
  t.match((await get('s/unknown', 'pl')).html, '<html lang="en" dir="ltr">')
})
