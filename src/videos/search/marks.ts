import type { Db } from '../../database/schema.ts'
import { hitsIn } from './moments.ts'
import { isStemmed, type SearchQuery } from './search-query.ts'
import { wordsOf } from './search-text.ts'
import { markedText, type SnippetPart, snippetOf } from './snippet.ts'
import { stemTest } from './stem-test.ts'

/** The words of a query in the texts that people wrote about a video, as parts to mark. */
export interface Marks {
  readonly title: readonly SnippetPart[]
  /** A part of the description; empty if it has none of the words. */
  readonly description: readonly SnippetPart[]
}

interface Described {
  readonly id: string
  readonly config: string
  readonly title: string
  readonly description: string
}

/** Finds the words of a query in titles and descriptions. */
export async function findMarks(
  db: Db,
  query: SearchQuery,
  videos: readonly Described[],
): Promise<Map<string, Marks>> {
  const terms = query.flat().filter(({ excluded }) => !excluded)
  const parsed = videos.map(video => ({
    ...video,
    words: { title: wordsOf(video.title), description: wordsOf(video.description) },
  }))
  const all = parsed.flatMap(({ config, words }) =>
    [...words.title, ...words.description].map(({ folded }) => ({ config, folded })),
  )
  const isStem = await stemTest(db, terms.filter(isStemmed), all)
  return new Map(
    parsed.map(({ id, config, title, description, words }) => {
      // Each text by itself: a phrase does not begin in the title and end in the description.
      const hits = (text: 'title' | 'description') => {
        const [found] = hitsIn([words[text]], terms, (word, term) => isStem(config, word, term))
        return [...found!.words]
      }
      const described = hits('description')
      return [
        id,
        {
          title: markedText(title, hits('title')),
          description: described.length > 0 ? snippetOf(description, described) : [],
        },
      ]
    }),
  )
}
