import t from 'tap'
import { joinTokens, timedWordsOf, timeTokens, tokenize } from '../../src/videos/transcripts/timed-words.ts'

const texts = (text: string) => tokenize(text).map(token => token.text)
const word = (start: number, end: number, text: string) => ({ start, end, text })

t.test('a text parts at its spaces, and where a script has none, at its words', async t => {
  t.same(texts(' Hello,  world!\n'), ['Hello,', 'world!'])
  t.same(texts(''), [])
  t.same(texts('今日は良い天気ですね。'), ['今日', 'は', '良い', '天気', 'です', 'ね。'])
  t.same(texts('他说：「你好」。'), ['他', '说：', '「你好」。'])
  t.same(texts('안녕 세상'), ['안녕', '세상'])
  t.same(texts('שלום עולם'), ['שלום', 'עולם'])
})

t.test('nothing is lost or put in between', async t => {
  for (const text of [
    'Hello, world!',
    '今日は良い天気ですね。',
    'GPT 是 model（模型）吗？ Yes',
    'สวัสดีชาวโลก',
    '👩‍👩‍👧 🎬',
    '…',
    '「',
  ])
    t.equal(joinTokens(tokenize(text)), text)
})

const heard = [word(1, 2, 'hello'), word(2, 3, 'brave'), word(4, 6, 'world')]
const timed = (text: string, words = heard) => {
  const { words: found, matched } = timeTokens(tokenize(text), { start: 0, end: 10 }, words)
  return { times: found.map(({ start, end }) => [start, end]), matched }
}

t.test('a token has the time of the word with its letters, whatever the punctuation', async t => {
  t.same(timed('“Hello, BRAVE world!”'), {
    times: [
      [1, 2],
      [2, 3],
      [4, 6],
    ],
    matched: 3,
  })
  // The service parts words differently.
  t.same(timed('hellobrave wor ld'), {
    times: [
      [1, 3],
      [4, 5.2],
      [5.2, 6],
    ],
    matched: 3,
  })
  t.same(
    timed('今日は天気', [word(0, 1, '今'), word(1, 2, '日'), word(2, 3, 'は'), word(5, 6, '天気')]).times,
    [
      [0, 2],
      [2, 3],
      [5, 6],
    ],
  )
})

t.test('what was not heard shares the time between its neighbours', async t => {
  t.same(timed('hello new world'), {
    times: [
      [1, 2],
      [2, 4],
      [4, 6],
    ],
    matched: 2,
  })
  t.same(timed('so hello brave world and more').times, [
    [0, 1],
    [1, 2],
    [2, 3],
    [4, 6],
    [6, 7.714],
    [7.714, 10],
  ])
  t.same(timed('ab cd', []), {
    times: [
      [0, 5],
      [5, 10],
    ],
    matched: 0,
  })
  t.equal(
    timedWordsOf({ start: 0, end: 10, text: 'x y' }, heard),
    undefined,
    'words of nothing are not made up',
  )
})

t.test('whatever the times are, tokens follow each other within their segment', async t => {
  let state = 5
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  const letters = 'abcdefg一二三'
  const text = (length: number) =>
    Array.from({ length }, () => letters[random(10)]! + (random(3) ? '' : ' ')).join('')
  for (let round = 0; round < 3000; round++) {
    const words = Array.from({ length: random(8) }, () =>
      word(random(20) - 5, random(20) - 5, text(1 + random(4))),
    )
    const tokens = tokenize(text(random(30)))
    const { words: found } = timeTokens(tokens, { start: 2, end: 8 }, words)
    t.equal(found.length, tokens.length) || t.comment(JSON.stringify({ tokens, words }))
    let cursor = 2
    for (const { start, end } of found) {
      if (!(start >= cursor - 0.001 && end >= start && end <= 8))
        t.fail(JSON.stringify({ tokens, words, found }))
      cursor = start
    }
  }
})
