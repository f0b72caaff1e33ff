import type { IncomingMessage, ServerResponse } from 'node:http'
import { TUS_RESUMABLE } from '@tus/utils'
import { isMediaType, listElements } from '../base/header-fields.ts'
import { OFFSET_STREAM } from './tus-request.ts'

interface Refusal {
  readonly status: number
  readonly reason: string
}

/**
 * What is refused before anything else is looked at, with the status that the protocol names (@tus/server answers 400 to all of it):
 * another version (tus 1.0.0, Tus-Resumable: "MUST respond with the 412 Precondition Failed status and MUST include the Tus-Version
 * header"), and a PATCH of another type ("SHOULD return a 415 Unsupported Media Type status").
 */
export function refusalOf({ method, headers }: IncomingMessage): Refusal | undefined {
  if (method === 'OPTIONS') return undefined
  const versions = listElements(headers['tus-resumable'])
  if (versions.length === 0 || versions.some(version => version !== TUS_RESUMABLE)) {
    return { status: 412, reason: `Tus-Resumable must be ${TUS_RESUMABLE}.` }
  }
  if (method === 'PATCH' && !isMediaType(headers['content-type'], OFFSET_STREAM)) {
    return { status: 415, reason: `Content-Type must be ${OFFSET_STREAM}.` }
  }
  return undefined
}

export function refuse(response: ServerResponse, { status, reason }: Refusal): void {
  response
    .writeHead(status, {
      'Tus-Resumable': TUS_RESUMABLE,
      'Tus-Version': TUS_RESUMABLE,
      'Content-Type': 'text/plain; charset=utf-8',
    })
    .end(`${reason}\n`)
}
