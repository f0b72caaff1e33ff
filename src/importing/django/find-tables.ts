import { StartError } from '../../base/errors.ts'
import type { OldDatabase, Reference, Table } from './old-database.ts'
import { type Choices, candidates, NONE, planOf, type TablePlan, type Use } from './table-plan.ts'

export interface TableChoices {
  /** Names of tables, or `none`. */
  readonly tables: Readonly<Partial<Record<Use, string>>>
  readonly columns: Choices
}

export interface Plans {
  readonly videos: TablePlan | undefined
  readonly recordings: TablePlan | undefined
  readonly chunks: ChunkPlan | undefined
  /** Names of tables that are not imported. */
  readonly others: readonly string[]
}

export interface ChunkPlan extends TablePlan {
  /** The column that connects a chunk with its recording. */
  readonly parent: Reference
  readonly of: Use
}

/** Tables of Django and its usual extensions. */
const OWN = /^(django|auth|authtoken|account|socialaccount|admin|sessions?|token_blacklist|celery)_/
const PEOPLE = /(^|_)(user|customuser|profile|account)s?$/

/**
 * Finds the tables of videos, recordings and chunks by their names and columns.
 * @throws StartError if none is found, or if several fit and the user has not chosen one.
 */
export async function findTables(database: OldDatabase, choices: TableChoices): Promise<Plans> {
  const all = (await database.tables()).filter(({ name }) => !OWN.test(name))
  const chunkTable = await choose(database, all, 'chunks', choices, table => isChunks(table, all))
  const parents = chunkTable ? parentTables(chunkTable, all) : []
  const others = all.filter(table => table !== chunkTable)
  const recordingTable = await choose(database, others, 'recordings', choices, table =>
    isRecordings(table, parents),
  )
  const rest = others.filter(table => table !== recordingTable)
  const videoTable = await choose(database, rest, 'videos', choices, isVideos)
  const videos = videoTable && planOf(videoTable, 'videos', choices.columns)
  const recordings = recordingTable && planOf(recordingTable, 'recordings', choices.columns)
  if (!videos && !recordings)
    throw new StartError(
      `No table of videos or recordings was recognised in the database. Choose one with --videos TABLE or --recordings TABLE. Its tables are: ${listOf(all)}.`,
    )
  const chunks = chunkTable && chunkPlan(chunkTable, { videos, recordings }, choices.columns)
  const used = [videoTable, recordingTable, chunkTable]
  const unused = all.filter(table => !used.includes(table)).map(({ name }) => name)
  return { videos, recordings, chunks, others: unused }
}

async function choose(
  database: OldDatabase,
  tables: readonly Table[],
  use: Use,
  { tables: names }: TableChoices,
  fits: (table: Table) => boolean,
): Promise<Table | undefined> {
  const name = names[use]
  if (name === NONE) return undefined
  if (name !== undefined) {
    const table = tables.find(candidate => candidate.name === name)
    if (table) return table
    throw new StartError(
      `--${use}: the table ${name} does not exist, or is already used for something else. Available: ${listOf(tables)}.`,
    )
  }
  const fitting = tables.filter(fits)
  if (fitting.length < 2) return fitting[0]
  const counts = await Promise.all(fitting.map(table => database.count(table.name)))
  const filled = fitting.filter((_table, at) => counts[at]! > 0)
  if (filled.length < 2) return filled[0] ?? fitting[0]
  throw new StartError(
    `Several tables could contain the ${use}: ${listOf(filled)}. Choose one with --${use} TABLE, or none with --${use} none.`,
  )
}

function listOf(tables: readonly Table[]): string {
  return tables.map(({ name }) => name).join(', ') || 'no table'
}

function hasContent(table: Table): boolean {
  return candidates(table, 'file').length > 0 || candidates(table, 'bytes').length > 0
}

function isChunks(table: Table, all: readonly Table[]): boolean {
  const isNamed = /(chunk|piece|segment|part)s?$/i.test(table.name)
  return (
    (isNamed || candidates(table, 'order').length > 0) &&
    hasContent(table) &&
    parentTables(table, all).length > 0
  )
}

function isRecordings(table: Table, parents: readonly Table[]): boolean {
  const hasSession = candidates(table, 'id').some(({ name }) => /session|recording/i.test(name))
  const isParent = parents.includes(table) && !isVideos(table)
  const isNamed = /record|session/i.test(table.name) && !isVideos(table)
  return isParent || ((hasSession || isNamed) && hasContent(table))
}

function isVideos(table: Table): boolean {
  const isNamed = /video|movie|film|clip/i.test(table.name)
  return (
    (isNamed || candidates(table, 'title').length > 0) &&
    /video/i.test(describeColumns(table)) &&
    hasContent(table)
  )
}

function describeColumns({ name, columns }: Table): string {
  return [name, ...columns.map(column => column.name)].join(' ')
}

/** The tables to which a table refers. */
function parentTables(table: Table, all: readonly Table[]): Table[] {
  return parentReferences(table, all).flatMap(({ table: parent }) =>
    all.filter(({ name }) => name === parent),
  )
}

function parentReferences(table: Table, all: readonly Table[]): Reference[] {
  const declared = table.references.filter(
    ({ table: parent }) => parent !== table.name && !OWN.test(parent) && !PEOPLE.test(parent),
  )
  if (declared.length > 0) return declared
  // Without a foreign key, a column with the same name as the session's id is used.
  return candidates(table, 'id').flatMap(({ name }) =>
    all
      .filter(other => other !== table && other.columns.some(column => column.name === name))
      .map(other => ({ column: name, table: other.name, target: name })),
  )
}

function chunkPlan(
  table: Table,
  plans: { videos: TablePlan | undefined; recordings: TablePlan | undefined },
  columns: Choices,
): ChunkPlan {
  const own = planOf(table, 'chunks', columns)
  const known = [plans.recordings, plans.videos].filter(each => each !== undefined)
  const tables = known.map(each => each.table).concat(table)
  const chosen = own.roles.parent
  const references = parentReferences(table, tables).filter(
    ({ column }) => chosen === undefined || column === chosen,
  )
  for (const { use, table: parent } of known) {
    const reference = references.find(each => each.table === parent.name)
    if (reference) return withParent(own, reference, use)
  }
  const [first] = known
  if (chosen !== undefined && first)
    return withParent(own, { column: chosen, table: first.table.name, target: first.key }, first.use)
  throw new StartError(
    `No column connects the chunks in ${table.name} with ${known.map(each => each.table.name).join(' or ')}. Choose one with --column chunks.parent=COLUMN, or skip the chunks with --chunks none.`,
  )
}

function withParent(plan: TablePlan, parent: Reference, of: Use): ChunkPlan {
  return { ...plan, roles: { ...plan.roles, parent: parent.column }, parent, of }
}
