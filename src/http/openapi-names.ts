/** A schema of the document, with the keywords that are used here. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly properties?: Record<string, JsonSchema>
  readonly items?: JsonSchema
  readonly [keyword: string]: unknown
}

interface Document {
  paths?: object
  components?: { schemas?: object }
}

/** Names for nested schemas, by position: `Schema.property`, with `[]` for the items of an array. */
const PART_NAMES: Readonly<Record<string, string>> = {
  'Problem.errors[]': 'ProblemError',
  'Video.error': 'StepError',
  'Video.streams[]': 'Stream',
  'Video.chapters[]': 'Chapter',
  'Video.steps[]': 'Step',
  'Video.notes[]': 'Note',
  'Video.links': 'VideoLinks',
  'ListedVideo.moments[]': 'Moment',
  'Moment.snippet[]': 'SnippetPart',
  'ListedVideo.found': 'Marks',
  'VideoList.count': 'VideoCount',
  'Restorations.results[]': 'Restoration',
  'TagList.items[]': 'ListedTag',
  'Deletions.results[]': 'Deletion',
  'BinList.items[]': 'BinnedVideo',
  'BinnedVideo.links': 'BinnedVideoLinks',
  'Usage.bin': 'BinTotals',
  'Revision.options': 'TranscriptionOptions',
  'Transcript.segments[]': 'Segment',
  'Segment.words[]': 'Word',
  'Transcript.gaps[]': 'Gap',
  'Transcript.dropped[]': 'DroppedSegment',
  'Recording.links': 'RecordingLinks',
  'CaptionsList.items[]': 'Captions',
  'Readiness.checks': 'Checks',
  'Checks.database': 'Check',
  'SignedLinks.links': 'SignedVideoLinks',
  'NewTranscript.segments[]': 'NewSegment',
  'KeyList.items[]': 'Key',
  'ShareLinkList.items[]': 'ShareLink',
}

/** Names for the request body and the successful response body of each operation. */
const BODY_NAMES: Readonly<Record<string, readonly [request: string, response: string]>> = {
  getStatus: ['', 'Status'],
  getLiveness: ['', 'Liveness'],
  getReadiness: ['', 'Readiness'],
  listVideos: ['', 'VideoList'],
  listTags: ['', 'TagList'],
  listBin: ['', 'BinList'],
  restoreVideos: ['VideoIds', 'Restorations'],
  emptyBin: ['', 'EmptiedBin'],
  getUsage: ['', 'Usage'],
  createVideo: ['NewVideo', ''],
  deleteVideos: ['VideoIds', ''],
  patchVideo: ['VideoChanges', ''],
  createRecording: ['NewRecording', ''],
  postChunk: ['ChunkForm', ''],
  getPeaks: ['', 'Peaks'],
  createLinks: ['LinkRequest', 'SignedLinks'],
  listShareLinks: ['', 'ShareLinkList'],
  createShareLink: ['NewShareLink', 'CreatedShareLink'],
  createUploadLink: ['UploadLinkRequest', 'UploadLink'],
  createSession: ['', 'Session'],
  listKeys: ['', 'KeyList'],
  createKey: ['NewKey', 'CreatedKey'],
  replaceTranscript: ['NewTranscript', ''],
  listRevisions: ['', 'RevisionList'],
  listCaptions: ['', 'CaptionsList'],
  createWebhook: ['NewWebhook', ''],
  listWebhooks: ['', 'WebhookList'],
  listDeliveries: ['', 'DeliveryList'],
  pingWebhook: ['', 'PingResult'],
}

type Content = Record<string, { schema?: JsonSchema }>
interface Operation {
  readonly operationId?: string
  readonly requestBody?: { readonly content?: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

/** Names schemas that routes declare inline, so that generated clients have named types. Equal schemas get the same name. */
export function withNamedSchemas<T extends Document>(document: T): T {
  const schemas = { ...document.components?.schemas } as Record<string, JsonSchema>
  const names = new Map<string, string>()
  const addName = (schema: JsonSchema, title: string): JsonSchema => {
    const { description, ...plain } = schema
    const isNullable = plain.type?.includes('null') && Array.isArray(plain.type)
    const named = isNullable ? { ...plain, type: 'object' } : plain
    schemas[title] = named
    names.set(JSON.stringify(named), title)
    return reference(title, { description, isNullable })
  }
  for (const { operationId = '', requestBody, responses } of operationsOf(document)) {
    const [request = '', response = ''] = BODY_NAMES[operationId] ?? []
    const responsesWithContent = Object.entries(responses).filter(
      ([status]) => status < '300' || operationId === 'getReadiness',
    )
    const contents: [string, Content | undefined][] = [
      [request, requestBody?.content],
      ...responsesWithContent.map(([, content]): [string, Content | undefined] => [
        response,
        content.content,
      ]),
    ]
    for (const [title, content] of contents)
      for (const [type, media] of Object.entries(content ?? {}))
        if (title && media.schema?.properties && !media.schema.$ref && /json|form-data/.test(type))
          media.schema = addName(media.schema, title)
  }
  for (const [position, title] of Object.entries(PART_NAMES)) {
    const [, owner, property, isList] = /^(\w+)\.(\w+)(\[\])?$/.exec(position)!
    const part = schemas[owner!]?.properties?.[property!]
    const schema = isList ? part?.items : part
    if (!schema || schema.$ref) throw new Error(`No inline schema found at ${position}.`)
    addName(schema, title)
  }
  for (const [title, schema] of Object.entries(schemas)) schemas[title] = withReferences(schema, names, true)
  for (const operation of operationsOf(document))
    for (const content of [
      operation.requestBody?.content,
      ...Object.values(operation.responses).map(r => r.content),
    ])
      for (const media of Object.values(content ?? {}))
        if (media.schema) media.schema = withReferences(media.schema, names, false)
  document.components = { ...document.components, schemas }
  return document
}

function operationsOf(document: Document): Operation[] {
  return Object.values(document.paths ?? {}).flatMap(path => Object.values(path as Record<string, Operation>))
}

function reference(
  name: string,
  { description, isNullable }: { description: unknown; isNullable: unknown },
): JsonSchema {
  const $ref = `#/components/schemas/${name}`
  const described = description === undefined ? {} : { description }
  return isNullable ? { ...described, anyOf: [{ $ref }, { type: 'null' }] } : { ...described, $ref }
}

/** Replaces nested schemas that have a name by references. @param isNamed whether the schema itself is named, so that it does not refer to itself. */
function withReferences(
  schema: JsonSchema,
  names: ReadonlyMap<string, string>,
  isNamed: boolean,
): JsonSchema {
  const { description, ...plain } = schema
  const isNullable =
    Array.isArray(plain.type) && plain.type.includes('null') && plain.properties !== undefined
  const title = names.get(JSON.stringify(isNullable ? { ...plain, type: 'object' } : plain))
  if (title && !isNamed) return reference(title, { description, isNullable })
  return {
    ...schema,
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([key, value]) => [key, withReferences(value, names, false)]),
      ),
    }),
    ...(schema.items && { items: withReferences(schema.items, names, false) }),
  }
}
