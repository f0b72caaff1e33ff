import type { JSX } from 'preact'

/** Outlines on a grid of 24 × 24, in the colour of the surrounding text. */
const PATHS = {
  plus: 'M12 5v14M5 12h14',
  library: 'M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z',
  upload: 'M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3',
  record: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4 4',
  close: 'M6 6l12 12M18 6 6 18',
  play: 'M7 4.5v15l12.5-7.5z',
  pause: 'M8 5v14M16 5v14',
  volume: 'M4 10v4h3.5L12 18V6L7.5 10zM15.5 9a4 4 0 0 1 0 6M18 6.5a7.5 7.5 0 0 1 0 11',
  muted: 'M4 10v4h3.5L12 18V6L7.5 10zM16 10l4 4m0-4-4 4',
  captions: 'M4 5.5h16v13H4zM7 14.5h6M16 14.5h1M7 11h1.5M11.5 11H17',
  fullscreen: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  theatre: 'M3 6h18v12H3zM8.5 9.5 6 12l2.5 2.5M15.5 9.5 18 12l-2.5 2.5M6.5 12h11',
  pip: 'M4 5h16v14H4zM12.5 12H17v4h-4.5z',
  download: 'M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 20h14',
  share:
    'M9 12l6-4M9 12l6 4M7 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM17 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM17 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  edit: 'M5 19l1-4L16 5l3 3L9 18zM14 7l3 3',
  delete: 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 11v5M13.5 11v5',
  undo: 'M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10h-4',
  redo: 'M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h4',
  up: 'M6 14l6-6 6 6',
  down: 'M6 10l6 6 6-6',
  quote: 'M10 7H5v6h5zM10 13c0 2.5-1.5 4-4 4.5M19 7h-5v6h5zM19 13c0 2.5-1.5 4-4 4.5',
  target: 'M12 18a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM12 3v5M12 16v5M3 12h5M16 12h5',
  retry: 'M19 12a7 7 0 1 1-2-4.9M19 4v4h-4',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  warning: 'M12 4 3 19.5h18zM12 10v4.5M12 17v.2',
  camera: 'M4 7h11v10H4zM15 11l5-3v8l-5-3z',
  screen: 'M3.5 5h17v11h-17zM9 20h6M12 16v4',
  microphone: 'M9.5 5.5a2.5 2.5 0 0 1 5 0v6a2.5 2.5 0 0 1-5 0zM6 11a6 6 0 0 0 12 0M12 17v3.5',
  unheard:
    'M9.5 8.5V5.5a2.5 2.5 0 0 1 5 0v5M6 11a6 6 0 0 0 9.5 4.9M18 11a6 6 0 0 1-.6 2.6M12 17v3.5M4.5 4.5l15 15',
  both: 'M13.5 16h-10V5h17v5.5M8 20h3M17.5 20.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z',
  corner: 'M4 5h16v14H4zM15.5 17a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 13V9h4M8 9l4 4',
  flip: 'M4 8h3.5L9 6h6l1.5 2H20v11H4zM9 14.5a3.2 3.2 0 0 0 5.6 1M15 12.5a3.2 3.2 0 0 0-5.6-1M14.6 17.2v-1.7h-1.7M9.4 9.8v1.7h1.7',
  stop: 'M7 7h10v10H7z',
  film: 'M4 5h16v14H4zM8 5v14M16 5v14M4 9.7h4M4 14.3h4M16 9.7h4M16 14.3h4',
  sound: 'M4 11v2M8 8v8M12 5v14M16 8v8M20 11v2',
  history: 'M4.5 12a7.5 7.5 0 1 0 2.2-5.3L4.5 9M4.5 4.5V9H9M12 8v4.5l3 1.8',
  more: 'M12 6.2v.1M12 12v.1M12 17.8v.1',
  link: 'M10 14a3.6 3.6 0 0 0 5.1 0l3.2-3.2a3.6 3.6 0 0 0-5.1-5.1L12 6.9M14 10a3.6 3.6 0 0 0-5.1 0l-3.2 3.2a3.6 3.6 0 0 0 5.1 5.1l1.2-1.2',
  sort: 'M8 5v14m0 0-3.5-3.5M8 19l3.5-3.5M16 19V5m0 0-3.5 3.5M16 5l3.5 3.5',
  tag: 'M4 4.5h7.5l8 8-7.5 7.5-8-8zM8.2 8.7v.1',
  key: 'M8 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM11.5 12H20v3M16.5 12v2.5',
  bell: 'M6.5 17V11a5.5 5.5 0 0 1 11 0v6l1.5 1.5H5zM10 18.5a2 2 0 0 0 4 0',
  keyboard: 'M3 7h18v10.5H3zM6.5 10.4v.1M9.2 10.4v.1M12 10.4v.1M14.8 10.4v.1M17.5 10.4v.1M8.5 14.2h7',
  signout: 'M10 4H5v16h5M14.5 8l4 4-4 4M18.5 12H9.5',
} as const

export type IconName = keyof typeof PATHS

/** Icons that are mirrored where people read from right to left. */
const ALONG: readonly IconName[] = ['undo', 'redo', 'signout']

export function Icon({
  name,
  filled = false,
  ...rest
}: { name: IconName; filled?: boolean } & JSX.SVGAttributes<SVGSVGElement>) {
  return (
    <svg
      class={`icon${filled ? ' filled' : ''}${ALONG.includes(name) ? ' along' : ''}`}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
      {...rest}
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
