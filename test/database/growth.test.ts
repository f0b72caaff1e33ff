import t from 'tap'
import { GrowingCatalogue, type OperationCost } from '../support/growth/measure-operations.ts'
import { DOCTOR_OPERATIONS, REQUEST_OPERATIONS, TIMER_OPERATIONS } from '../support/growth/operations.ts'
import { startPostgres } from '../support/postgres.ts'

const VIDEOS = 20_000
/** Tables that have rows of every video. */
const CATALOGUE =
  /^((all_)?(videos|uploads)|steps|artifacts|transcripts|video_search|recordings|webhook_deliveries)$/
/** A B-tree has one more level from time to time, and the last pages of an index differ. */
const MAX_FACTOR = 2
const MAX_MORE_PAGES = 40
/** It grows with the work that waits, which here is a share of the catalogue. `/metrics` limits the time that it takes. */
const GROWING = ['count open work for metrics']
/** The videos of the owner of a tenth of the catalogue grow with it. They are summed from an index. */
const SUM_OF_LARGE_OWNER = 'sum the bytes of the owner of a tenth'
/** An index page has more; a page of the table has about seven. */
const MIN_ROWS_PER_PAGE = 15

const postgres = await startPostgres()
t.teardown(() => postgres.stop())
const catalogue = await GrowingCatalogue.open(await postgres.createDatabase())
t.teardown(() => catalogue.close())
// Enough for a full page of old upload links.
await catalogue.growTo(6000)
const operations = [...TIMER_OPERATIONS, ...DOCTOR_OPERATIONS, ...REQUEST_OPERATIONS].filter(
  ({ name }) => !GROWING.includes(name),
)
const small = await catalogue.measure(operations)
await catalogue.growTo(VIDEOS)
const large = await catalogue.measure(operations)
const isTimer = ({ name }: OperationCost) => TIMER_OPERATIONS.some(operation => operation.name === name)

t.test('no timer reads a table that grows with the catalogue as a whole', async t => {
  for (const cost of large.filter(isTimer))
    t.same(
      cost.tablesReadWhole.filter(table => CATALOGUE.test(table)),
      [],
      `${cost.name}: ${cost.statements.map(({ sql }) => sql).join('; ')}`,
    )
})

t.test('what a timer does costs the same in a catalogue of three times the size', async t => {
  for (const [n, cost] of large.entries()) {
    if (!isTimer(cost)) continue
    const before = small[n]!.pages
    t.ok(
      cost.pages <= before * MAX_FACTOR + MAX_MORE_PAGES,
      `${cost.name}: ${before} pages, then ${cost.pages}: ${cost.statements.map(({ sql, pages }) => `${pages} ${sql}`).join('; ')}`,
    )
  }
})

t.test('so do uploads, their ends, lists and pages of the doctor', async t => {
  const others = new RegExp(`^(search|list: a tag|${SUM_OF_LARGE_OWNER})`)
  for (const [n, cost] of large.entries()) {
    if (isTimer(cost) || others.test(cost.name)) continue
    // A page of a list sorts or reads at most a few hundred pages more, when the planner prefers that to an index.
    const more = cost.name.startsWith('list') ? 400 : MAX_MORE_PAGES
    t.ok(
      cost.pages <= small[n]!.pages * MAX_FACTOR + more,
      `${cost.name}: ${small[n]!.pages}, then ${cost.pages}`,
    )
  }
})

t.test('a quota is summed from indexes, and a search in a tag reads the videos with the tag', async t => {
  const costOf = (name: string) => large.find(cost => cost.name === name)!
  const wholeOf = (name: string) => costOf(name).tablesReadWhole.filter(table => CATALOGUE.test(table))
  const sum = costOf(SUM_OF_LARGE_OWNER)
  t.same(wholeOf(SUM_OF_LARGE_OWNER), [], sum.statements.map(({ plan }) => JSON.stringify(plan)).join())
  t.ok(sum.pages < VIDEOS / 10 / MIN_ROWS_PER_PAGE + MAX_MORE_PAGES, `${sum.pages} pages`)
  t.same(wholeOf('search: in a tag'), [])
  // 20 of 20,000 videos have the tag: each is read with its search row for titles, for texts and for the list.
  t.ok(costOf('search: in a tag').pages < 600, `${costOf('search: in a tag').pages} pages`)
})
