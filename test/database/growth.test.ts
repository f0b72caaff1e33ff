import t from 'tap'
import { GrowingCatalogue, type OperationCost } from '../support/growth/measure-operations.ts'
import { REQUEST_OPERATIONS, TIMER_OPERATIONS } from '../support/growth/operations.ts'
import { startPostgres } from '../support/postgres.ts'

/** Tables that have rows of every video. */
const CATALOGUE =
  /^((all_)?(videos|uploads)|steps|artifacts|transcripts|video_search|recordings|webhook_deliveries)$/
/** A B-tree has one more level from time to time, and the last pages of an index differ. */
const MAX_FACTOR = 2
const MAX_MORE_PAGES = 40
/** They grow with what waits, with unfinished uploads, or with the videos of one owner; docs/scale.md names them. */
const GROWING = [
  'find waiting concatenations',
  'find recordings to end',
  'count open work for metrics',
  'sum the bytes of an owner',
  'sum the bytes of the owner of a tenth',
]

const postgres = await startPostgres()
t.teardown(() => postgres.stop())
const catalogue = await GrowingCatalogue.open(await postgres.createDatabase())
t.teardown(() => catalogue.close())
// Enough for a full page of old upload links.
await catalogue.growTo(6000)
const operations = [...TIMER_OPERATIONS, ...REQUEST_OPERATIONS].filter(({ name }) => !GROWING.includes(name))
const small = await catalogue.measure(operations)
await catalogue.growTo(20_000)
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

t.test('so do uploads, their ends and lists', async t => {
  const searches = /^(search|list: a tag)/
  for (const [n, cost] of large.entries()) {
    if (isTimer(cost) || searches.test(cost.name)) continue
    // A page of a list sorts or reads at most a few hundred pages more, when the planner prefers that to an index.
    const more = cost.name.startsWith('list') ? 400 : MAX_MORE_PAGES
    t.ok(
      cost.pages <= small[n]!.pages * MAX_FACTOR + more,
      `${cost.name}: ${small[n]!.pages}, then ${cost.pages}`,
    )
  }
})
