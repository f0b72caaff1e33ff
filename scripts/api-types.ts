import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import openapiTS, { astToString } from 'openapi-typescript'
import ts from 'typescript'

const USAGE = `The types of the API, made from the OpenAPI document of a running service.

  npm run api-types -- [--url http://127.0.0.1:3000]
`

/** Where the tests' client has them from. */
export const API_TYPES = new URL('../test/support/api-types.d.ts', import.meta.url)

/** TypeScript for openapi-fetch, from an OpenAPI document. */
export async function apiTypes(document: object): Promise<string> {
  const nodes = await openapiTS(structuredClone(document) as Parameters<typeof openapiTS>[0], {
    // What has a default may be left out of a request.
    defaultNonNullable: false,
    silent: true,
    transform: ({ format }) =>
      format === 'binary'
        ? ts.factory.createTypeReferenceNode(ts.factory.createIdentifier('Blob'))
        : undefined,
  })
  return `// Made by \`npm run api-types\` from /openapi.json.\n\n${astToString(nodes)}`
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:3000' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) process.stdout.write(USAGE)
  else {
    const answer = await fetch(`${values.url}/openapi.json`)
    if (!answer.ok) throw new Error(`${values.url}/openapi.json: ${answer.status}`)
    const types = await apiTypes((await answer.json()) as object)
    const known = await readFile(API_TYPES, 'utf8').catch(() => '')
    if (types !== known) await writeFile(API_TYPES, types)
    process.stdout.write(types === known ? 'Nothing has changed.\n' : `${API_TYPES.pathname} is new.\n`)
  }
}
