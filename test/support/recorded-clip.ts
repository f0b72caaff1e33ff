import { writeFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { inPage } from './browser.ts'
import { cached } from './clips.ts'

/** What a browser's MediaRecorder makes of its camera and microphone: two seconds and a half, as it comes. */
export function recordedClip(
  browser: () => Promise<Browser>,
  type: 'video/webm;codecs=vp8,opus' | 'video/mp4' | 'audio/webm',
): Promise<string> {
  const extension = type.includes('mp4') ? 'mp4' : 'webm'
  return cached(extension, ['recorded', type], async path => {
    const page = await (await browser()).newPage()
    // Browsers give cameras to secure contexts only.
    await page.route('https://longtake.test/', route =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
    )
    await page.goto('https://longtake.test/')
    const base64 = await inPage<string>(page, 'record', type)
    await page.close()
    await writeFile(path, Buffer.from(base64, 'base64'))
  })
}
