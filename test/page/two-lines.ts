import { getJson, type TranscriptView } from '../support/video-api.ts'

/** Gives a video a transcript of two lines, which begin at 0 s and at 1 s. */
export function putTwoLines(url: string, id: string): Promise<TranscriptView> {
  return getJson(`${url}/videos/${id}/transcript`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      segments: [
        { start: 0, end: 0.5, text: 'The tide comes in.' },
        { start: 1, end: 1.5, text: 'The harbour is full.' },
      ],
    }),
  })
}
