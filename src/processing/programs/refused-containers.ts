/** A kind of file that people may upload, and the sentence that explains why it is refused. */
export interface RefusedContainer {
  readonly name: string
  readonly why: string
  /** Matches its first bytes, as Latin-1. */
  readonly begins: RegExp
}

const PICTURE = 'The file is a still picture, not a video.'
const LIST = 'The file is a playlist: it only names other files. Upload those.'
const RARE = 'Files of this kind are rare, and the code that reads them is little tested.'

export const REFUSED_CONTAINERS: readonly RefusedContainer[] = [
  { name: 'JPEG', begins: /^\xff\xd8\xff/, why: PICTURE },
  { name: 'PNG without animation', begins: /^\x89PNG/, why: PICTURE },
  { name: 'BMP', begins: /^BM[\s\S]{4}\x00{4}/, why: PICTURE },
  { name: 'TIFF', begins: /^(II\*\x00|MM\x00\*)/, why: PICTURE },
  { name: 'HEIF and AVIF', begins: /^[\s\S]{4}ftyp(avif|hei[cxms]|mif1)/, why: PICTURE },
  {
    name: 'WebP with animation',
    begins: /^RIFF[\s\S]{4}WEBPVP8X[\s\S]*ANIM/,
    why: 'The file is a WebP animation, which FFmpeg 5.1 cannot decode. Upload it as WebM, MP4 or GIF.',
  },
  { name: 'WebP without animation', begins: /^RIFF[\s\S]{4}WEBP/, why: PICTURE },
  { name: 'HLS and M3U', begins: /^(\xef\xbb\xbf)?#EXTM3U/, why: LIST },
  { name: 'DASH', begins: /^(\xef\xbb\xbf)?(<\?xml[^>]*\?>)?\s*(<!--[\s\S]*?-->\s*)*<MPD[\s>]/, why: LIST },
  { name: 'lists of ffmpeg', begins: /^ffconcat version/, why: LIST },
  { name: 'MIDI', begins: /^MThd/, why: 'The file holds notes, not sound.' },
  { name: 'SWF', begins: /^[FCZ]WS[\x03-\x32]/, why: 'The file is a Flash program, not a video.' },
  { name: 'Bink, Smacker', begins: /^(BIK[b-k]|KB2[a-k]|SMK[24])/, why: RARE },
  { name: 'WTV', begins: /^\xb7\xd8\x00\x20\x37\x49\xda\x11/, why: RARE },
  { name: 'NSV', begins: /^NSV[fs]/, why: RARE },
  { name: 'VOC', begins: /^Creative Voice File\x1a/, why: RARE },
  { name: 'TAK, OptimFROG, Shorten', begins: /^(tBaK|OFR |ajkg)/, why: RARE },
]

/** @param head the first bytes of a file that is not accepted. */
export function whyRefusedContainer(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, 2048)
  return REFUSED_CONTAINERS.find(({ begins }) => begins.test(text))?.why
}
