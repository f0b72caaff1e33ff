import { useEffect, useState } from 'preact/hooks'
import type { components } from '../api/api-types.d.ts'
import { requestJson } from '../api/http.ts'

const BAR_COUNT = 160

/** audiowaveform's JSON: the lowest and the highest sample of each group, channel by channel. */
type Peaks = components['schemas']['Peaks'] & { readonly channels: number; readonly bits: number }

/** The loudness over time. The played part is coloured. @param played 0 to 1 */
export function Waveform({ link, played }: { link: string; played: number }) {
  const [bars, setBars] = useState<readonly number[]>([])
  useEffect(() => {
    requestJson<Peaks>(link).then(
      peaks => setBars(barsOf(peaks)),
      () => {},
    )
  }, [link])
  return (
    <svg class="waveform" viewBox={`0 0 ${BAR_COUNT} 100`} preserveAspectRatio="none" aria-hidden="true">
      {bars.map((height, at) => (
        <rect
          key={at}
          class={at / BAR_COUNT < played ? 'played' : ''}
          x={at + 0.2}
          y={50 - height / 2}
          width={0.6}
          height={height}
        />
      ))}
    </svg>
  )
}

/** @returns heights from 1 to 100; the loudest bar is 100 */
function barsOf({ data, channels, bits }: Peaks): number[] {
  const groups = data.length / 2 / channels
  const loud = new Array<number>(BAR_COUNT).fill(0)
  for (const [index, sample] of data.entries()) {
    const bar = Math.floor((Math.floor(index / 2 / channels) / groups) * BAR_COUNT)
    loud[bar] = Math.max(loud[bar]!, Math.abs(sample) / 2 ** (bits - 1))
  }
  const most = Math.max(...loud, 0.01)
  return loud.map(each => Math.max(1, (100 * each) / most))
}
