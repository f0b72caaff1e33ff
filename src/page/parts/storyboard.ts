import { request } from '../api/http.ts'
import { address } from '../router.ts'

/** A part of a picture that shows the video between `start` and `end`, in seconds. */
export interface Thumbnail {
  readonly start: number
  readonly end: number
  readonly image: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const CUE = /^(?<start>[\d:.]+) --> (?<end>[\d:.]+).*\n(?<image>[^\n#]+)#xywh=(?<box>\d+,\d+,\d+,\d+)/gm

/**
 * Loads a track of thumbnails: a WebVTT file whose cues are URLs of parts of a picture (Media Fragments, §4.2.2).
 * @param sheet the signed URL of the picture, to use instead of the one in the track
 */
export async function loadStoryboard(link: string, sheet: string | null): Promise<Thumbnail[]> {
  const response = await request(link)
  const text = (await response.text()).replaceAll('\r', '')
  return [...text.matchAll(CUE)].map(({ groups }) => {
    const [x, y, width, height] = groups!['box']!.split(',').map(Number) as [number, number, number, number]
    const image = address(sheet ?? new URL(groups!['image']!, address(link)).href)
    return { start: seconds(groups!['start']!), end: seconds(groups!['end']!), image, x, y, width, height }
  })
}

function seconds(time: string): number {
  return time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
}
