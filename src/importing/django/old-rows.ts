import { MAX_DESCRIPTION_LENGTH, MAX_TRANSCRIPT_LENGTH } from '../../base/limits.ts'
import type { UploadMetadata } from '../../uploads/core/metadata.ts'
import {
  type Found,
  type ImportItem,
  Nothing,
  noRemarks,
  type Remarks,
  type Source,
  Unreadable,
} from '../item.ts'
import type { MediaFolder } from '../media-folder.ts'
import { type Joined, joinChunks, numberOf, type OldChunk } from './chunk-files.ts'
import type { Plans } from './find-tables.ts'
import type { OldDatabase, Row } from './old-database.ts'
import { parseTime } from './old-times.ts'
import type { TablePlan } from './table-plan.ts'

export interface RowDeps {
  readonly database: OldDatabase
  readonly media: MediaFolder
  /** Prefix of the files' URLs, as in Django's MEDIA_URL. */
  readonly mediaUrl: string
  /** The time zone of times without an offset. */
  readonly timeZone: string
}

interface Content {
  readonly sources: readonly Source[]
  readonly filename: string | undefined
  /** The origin of the content. It is a part of the fingerprint. */
  readonly from: string
  readonly joined?: Joined
}

const DONE =
  /^(t|true|1|y|yes|complet|finish|finali[sz]|done|process|ready|sav|success|transcri|merg|uploaded|stopped|ended)/i

/** The items of a table, the oldest first. */
export async function* rowsOf(deps: RowDeps, plans: Plans, plan: TablePlan): AsyncGenerator<Found> {
  const { table, key, roles } = plan
  const orderBy = [...(roles.created ? [roles.created] : []), key]
  const keys = await deps.database.select({ table: table.name, columns: [key], orderBy })
  for (const row of keys) {
    const value = row[key] ?? ''
    const name = `${plan.use === 'videos' ? 'video' : 'recording'} ${value}`
    try {
      yield await itemOf(deps, plans, plan, value)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      yield error instanceof Nothing ? { name, skipped: error.message } : { name, problem: error.message }
    }
  }
}

async function itemOf(deps: RowDeps, plans: Plans, plan: TablePlan, key: string): Promise<ImportItem> {
  const { bytes: _, ...textual } = plan.roles
  const columns = [...new Set([plan.key, ...Object.values(textual), ...targetOf(plans, plan)])]
  const [row] = await deps.database.select({ table: plan.table.name, columns, where: [plan.key, key] })
  if (!row) throw new Unreadable('its row was deleted during the import')
  const value = (role: keyof TablePlan['roles']) => {
    const column = plan.roles[role]
    return column === undefined ? undefined : (row[column]?.trim() ?? undefined) || undefined
  }
  const isRecording = plan.use === 'recordings'
  const oldId = (isRecording ? value('id') : undefined) ?? key
  const remarks = noRemarks()
  const content = await contentOf(deps, plans, plan, row, remarks)
  const created = timeOf(value('created'), 'created', deps, remarks)
  const title = value('title')
  const metadata: UploadMetadata = {
    ...((title ?? isRecording) && { title: title ?? 'Recording' }),
    ...(value('description') && {
      description: cut(value('description')!, MAX_DESCRIPTION_LENGTH, 'description', remarks),
    }),
    ...(content.filename && { filename: content.filename }),
  }
  const transcript = value('transcript')
  const final = value('final')
  const isOpen = isRecording && content.joined !== undefined && final !== undefined && !DONE.test(final)
  if (isOpen) remarks.notes.push(`it was never finished (${final}), so its video is marked as incomplete`)
  const size = value('size')
  return {
    origin: isRecording ? 'recording' : 'video',
    oldId,
    name: `${isRecording ? 'recording' : 'video'} ${oldId}${title ? ` (${JSON.stringify(title.slice(0, 60))})` : ''}`,
    fingerprint: [content.from, value('created') ?? ''].join(' '),
    metadata,
    sources: content.sources,
    size: size !== undefined && /^\d{1,15}$/.test(size) && !content.joined ? Number(size) : undefined,
    createdAt: created,
    lastPlayed: timeOf(value('played'), 'last played', deps, remarks),
    transcript:
      transcript && cut(transcript.replaceAll('\0', ''), MAX_TRANSCRIPT_LENGTH, 'transcript', remarks),
    incomplete: isOpen || (content.joined?.incomplete ?? false),
    remarks,
  }
}

function targetOf({ chunks }: Plans, { use }: TablePlan): string[] {
  return chunks?.of === use ? [chunks.parent.target] : []
}

/** The content of a row: its file, or the content of its column, or its chunks. @throws Unreadable if it has none of these. */
async function contentOf(
  deps: RowDeps,
  plans: Plans,
  plan: TablePlan,
  row: Row,
  remarks: Remarks,
): Promise<Content> {
  const path = (plan.roles.file && row[plan.roles.file]?.trim()) || undefined
  // A recording without content is no loss, because its client sent nothing.
  let failure =
    plan.use === 'recordings' ? new Nothing('nothing was recorded') : new Unreadable('it has no file')
  if (path !== undefined) {
    try {
      return await fileContent(deps, path)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      failure = error
    }
  }
  const bytes =
    plan.roles.bytes &&
    (await deps.database.bytes(plan.table.name, plan.roles.bytes, [plan.key, row[plan.key]!]))
  const content: Content | undefined = bytes
    ? { sources: [bytes], filename: undefined, from: `column ${plan.roles.bytes}` }
    : await chunkContent(deps, plans, plan, row, remarks)
  if (!content) throw failure
  if (path !== undefined)
    remarks.notes.push(`${failure.message}; ${bytes ? 'the column was' : 'its chunks were'} used instead`)
  return content
}

async function fileContent({ media, mediaUrl }: RowDeps, path: string): Promise<Content> {
  const within = withinMedia(path, mediaUrl)
  const source = await media.file(within)
  if ((await source.size()) === 0) throw new Unreadable(`its file ${JSON.stringify(within)} is empty`)
  return { sources: [source], filename: within.split('/').at(-1), from: within }
}

/** The path within the media folder, from a FileField or from a URL below MEDIA_URL. @throws Unreadable for any other URL. */
function withinMedia(path: string, mediaUrl: string): string {
  const [, address] = /^https?:\/\/[^/]+(\/[^?#]*)/i.exec(path) ?? []
  const target = address ?? path
  if (target.startsWith(mediaUrl))
    return address === undefined ? target.slice(mediaUrl.length) : decoded(target.slice(mediaUrl.length))
  if (address !== undefined)
    throw new Unreadable(`its URL ${JSON.stringify(path)} is not below ${mediaUrl} (--media-url)`)
  return path
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

async function chunkContent(
  deps: RowDeps,
  { chunks }: Plans,
  plan: TablePlan,
  row: Row,
  remarks: Remarks,
): Promise<Content | undefined> {
  const parent = chunks?.of === plan.use ? row[chunks.parent.target] : undefined
  if (!chunks || !parent) return undefined
  const { table, key, roles } = chunks
  const columns = [...new Set([key, ...[roles.file, roles.order].filter(name => name !== undefined)])]
  const where = [chunks.parent.column, parent] as const
  const orderBy = [...(roles.created ? [roles.created] : []), key]
  const rows = await deps.database.select({ table: table.name, columns, where, orderBy })
  if (rows.length === 0) return undefined
  const all: OldChunk[] = []
  for (const chunk of rows)
    all.push({
      key: chunk[key]!,
      number: numberOf(chunk, roles.order),
      source: await chunkSource(deps, chunks, chunk).catch(error => {
        if (error instanceof Unreadable) return error
        throw error
      }),
    })
  const joined = await joinChunks(all, remarks)
  return { sources: joined.sources, filename: undefined, from: `${all.length} chunks`, joined }
}

async function chunkSource(deps: RowDeps, { table, key, roles }: TablePlan, row: Row): Promise<Source> {
  const path = (roles.file && row[roles.file]?.trim()) || undefined
  if (path !== undefined) {
    const source = await deps.media.file(withinMedia(path, deps.mediaUrl))
    await source.size()
    return source
  }
  const bytes = roles.bytes && (await deps.database.bytes(table.name, roles.bytes, [key, row[key]!]))
  if (!bytes) throw new Unreadable('it has no bytes')
  return bytes
}

function timeOf(
  text: string | undefined,
  what: string,
  { timeZone }: RowDeps,
  remarks: Remarks,
): Date | undefined {
  if (text === undefined) return undefined
  const time = parseTime(text, timeZone)
  if (!time) remarks.losses.push(`its time ${JSON.stringify(text)} (${what}) cannot be read and is left out`)
  return time
}

function cut(text: string, max: number, what: string, { losses }: Remarks): string {
  if (text.length <= max) return text
  losses.push(`its ${what} has ${text.length} characters and was cut to ${max}`)
  return text.slice(0, max)
}
