import { StartError } from '../../base/errors.ts'
import type { Column, ColumnKind, Table } from './old-database.ts'

/** The meanings of columns. Only chunks have `order` and `parent`. */
export const ROLES = [
  'id',
  'title',
  'description',
  'file',
  'bytes',
  'transcript',
  'created',
  'played',
  'size',
  'final',
  'order',
  'parent',
] as const
export type Role = (typeof ROLES)[number]

export const USES = ['videos', 'recordings', 'chunks'] as const
export type Use = (typeof USES)[number]

/** A table and the meaning of its columns. */
export interface TablePlan {
  readonly table: Table
  readonly use: Use
  readonly key: string
  readonly roles: Readonly<Partial<Record<Role, string>>>
}

/** The columns that the user has chosen by role; `none` if no column has the role. */
export type Choices = ReadonlyMap<`${Use}.${Role}`, string>
export const NONE = 'none'

interface Rule {
  /** The first name that exists is used. */
  readonly names: readonly string[]
  readonly kinds: readonly ColumnKind[]
}

const TEXT = ['text', 'other'] as const
/** Field names in public Django applications of this kind. */
const RULES: Readonly<Record<Exclude<Role, 'parent'>, Rule>> = {
  id: {
    names: [
      'session_id',
      'recording_id',
      'session',
      'session_uuid',
      'session_key',
      'uuid',
      'unique_id',
      'id_field',
    ],
    kinds: ['text'],
  },
  title: { names: ['title', 'video_title', 'name', 'video_name'], kinds: TEXT },
  description: { names: ['description', 'video_description', 'desc'], kinds: TEXT },
  file: {
    names: [
      ...[
        'video_file',
        'video',
        'video_path',
        'chunk_file',
        'chunk_path',
        'video_chunk',
        'chunk',
        'recorded_video',
      ],
      ...[
        'recording_file',
        'recording',
        'final_video',
        'final_file',
        'merged_video',
        'merged_file',
        'combined_file',
      ],
      ...['file', 'file_path', 'path', 'video_url', 'file_url', 'media', 'clip', 'upload'],
    ],
    kinds: ['text'],
  },
  bytes: {
    names: [
      ...[
        'video_binary',
        'video',
        'video_data',
        'video_blob',
        'video_file',
        'chunk_data',
        'video_chunk',
        'chunk',
      ],
      ...['binary', 'data', 'content', 'blob', 'file', 'recording'],
    ],
    kinds: ['bytes'],
  },
  transcript: {
    names: ['transcript', 'transcription', 'transcript_text', 'transcription_text', 'transcribed_text'],
    kinds: TEXT,
  },
  created: {
    names: [
      ...[
        'created_at',
        'created',
        'created_on',
        'date_created',
        'datetime_created',
        'uploaded_at',
        'upload_date',
      ],
      ...[
        'date_uploaded',
        'recorded_at',
        'started_at',
        'start_time',
        'timestamp',
        'date_added',
        'received_at',
        'date',
      ],
    ],
    kinds: ['time'],
  },
  played: { names: ['last_played', 'last_played_at', 'last_viewed', 'last_watched'], kinds: ['time'] },
  size: { names: ['size', 'file_size', 'filesize', 'size_bytes', 'size_in_bytes'], kinds: ['integer'] },
  final: {
    names: ['is_final', 'is_finalized', 'finalized', 'is_completed', 'is_complete', 'completed', 'status'],
    kinds: ['boolean', 'text', 'integer'],
  },
  order: {
    names: [
      ...[
        'chunk_number',
        'chunk_index',
        'chunk_no',
        'chunk_num',
        'number',
        'index',
        'sequence_number',
        'sequence',
      ],
      ...['order', 'part_number', 'position', 'chunk_order'],
    ],
    kinds: ['integer'],
  },
}
/** The roles that columns of a table cannot have, by the use of the table. */
const ABSENT: Readonly<Record<Use, readonly Role[]>> = {
  videos: ['id', 'order', 'parent'],
  recordings: ['order', 'parent'],
  chunks: ['id', 'title', 'description', 'transcript', 'played'],
}

/** Assigns roles to the columns of a table. @throws StartError if a column that the user has chosen does not exist. */
export function planOf(table: Table, use: Use, choices: Choices = new Map()): TablePlan {
  const key = table.key
  if (key === undefined)
    throw new StartError(`The table ${table.name} must have a primary key of a single column.`)
  const roles: Partial<Record<Role, string>> = {}
  for (const role of ROLES) {
    if (ABSENT[use].includes(role)) continue
    const chosen = choices.get(`${use}.${role}`)
    if (chosen === NONE) continue
    const column = chosen === undefined ? candidates(table, role)[0] : named(table, use, role, chosen)
    if (column) roles[role] = column.name
  }
  return { table, use, key, roles }
}

/** Columns that could have a role, the most likely first. */
export function candidates(table: Table, role: Role): Column[] {
  if (role === 'parent') return []
  const { names, kinds } = RULES[role]
  const foreign = new Set(table.references.map(({ column }) => column))
  return names.flatMap(name =>
    table.columns.filter(
      column =>
        column.name.toLowerCase() === name &&
        kinds.includes(column.kind) &&
        column.name !== table.key &&
        !foreign.has(column.name),
    ),
  )
}

function named(table: Table, use: Use, role: Role, name: string): Column {
  const column = table.columns.find(candidate => candidate.name === name)
  if (column) return column
  throw new StartError(
    `--column ${use}.${role}=${name}: the table ${table.name} has no such column; it has ${table.columns.map(each => each.name).join(', ')}.`,
  )
}

/** A line for the report: the columns with their roles, and other columns that would fit. */
export function describePlan({ table, use, key, roles }: TablePlan, rows: number): string {
  const columns = Object.entries(roles).map(([role, name]) => {
    const others = candidates(table, role as Role)
      .map(column => column.name)
      .filter(other => other !== name)
    return `${role}=${name}${others.length > 0 ? ` (not ${others.join(', ')})` : ''}`
  })
  const unused = table.columns
    .map(column => column.name)
    .filter(name => name !== key && !Object.values(roles).includes(name))
  return `${use}: table ${table.name} (rows: ${rows}); key=${key}, ${columns.join(', ')}${unused.length > 0 ? `; not used: ${unused.join(', ')}` : ''}`
}
