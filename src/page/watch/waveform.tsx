import { useEffect, useState } from 'preact/hooks'
import { requestJson } from '../api/http.ts'

/** Of a picture that is as wide as the player. */
const BARS = 160

/** audiowaveform's JSON: the least and the greatest sample of each stretch, of all channels in turn. */
interface Peaks {
  readonly channels: number
  readonly bits: number
  readonly data: readonly number[]
}

/** How loud it is along a recording of sound alone, as far as it was played in colour. @param played 0 to 1 */
export function Waveform({ link, played }: { link: string; played: number }) {
  const [bars, setBars] = useState<readonly number[]>([])
  useEffect(() => {
    requestJson<Peaks>(link).then(
      peaks => setBars(barsOf(peaks)),
      () => {},
    )
  }, [link])
  return (
    <svg class="waveform" viewBox={`0 0 ${BARS} 100`} preserveAspectRatio="none" aria-hidden="true">
      {bars.map((height, at) => (
        <rect
          key={at}
          class={at / BARS < played ? 'played' : ''}
          x={at + 0.2}
          y={50 - height / 2}
          width={0.6}
          height={height}
        />
      ))}
    </svg>
  )
}

/** @returns 1 to 100 each, the loudest 100. */
function barsOf({ data, channels, bits }: Peaks): number[] {
  const stretches = data.length / 2 / channels
  const loud = new Array<number>(BARS).fill(0)
  for (const [index, sample] of data.entries()) {
    const bar = Math.floor((Math.floor(index / 2 / channels) / stretches) * BARS)
    loud[bar] = Math.max(loud[bar]!, Math.abs(sample) / 2 ** (bits - 1))
  }
  const most = Math.max(...loud, 0.01)
  return loud.map(each => Math.max(1, (100 * each) / most))
}
