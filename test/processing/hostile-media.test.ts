import { existsSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { inspect } from '../../src/processing/media/inspect.ts'
import { runFfmpeg } from '../../src/processing/programs/ffmpeg.ts'
import { startCanary } from '../support/canary.ts'
import { childrenWith } from '../support/child-processes.ts'
import { clip } from '../support/clips.ts'
import { failure } from '../support/failure.ts'
import { throwAwayDirectory } from '../support/throw-away-directory.ts'
import { until } from '../support/until.ts'

const directory = throwAwayDirectory('hostile')
const { signal } = new AbortController()

// Another owner's video on the same disk, and a server that no program may call.
const secret = join(directory, 'secret.mp4')
await copyFile(await clip({ words: [{ word: 'queen', start: 0.5 }] }), secret)
const canary = await startCanary(t)
const { port } = canary
const targets = [
  secret,
  'secret.mp4',
  `file:${secret}`,
  `file://${secret}`,
  `http://127.0.0.1:${port}/a.ts`,
  `concat:${secret}|${secret}`,
  `tcp://127.0.0.1:${port}`,
]

const hls = (url: string, tag = '') =>
  `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n${tag}#EXTINF:2,\n${url}\n#EXT-X-ENDLIST\n`

const FORMS: Record<string, (url: string) => string> = {
  'HLS playlist': url => hls(url),
  'HLS playlist with an init segment': url => hls('a.mp4', `#EXT-X-MAP:URI="${url}"\n`),
  'HLS playlist with a key': url => hls(secret, `#EXT-X-KEY:METHOD=AES-128,URI="${url}"\n`),
  'HLS master playlist': url => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\n${url}\n`,
  'HLS playlist that goes on': url => hls(url).replace('#EXT-X-ENDLIST\n', ''),
  ffconcat: url => `ffconcat version 1.0\nfile '${url}'\n`,
  DASH: url =>
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000" codecs="avc1.42c00d"><BaseURL>${url}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  SDP: () =>
    `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP/TCP 96\na=rtpmap:96 H264/90000\n`,
  'smooth streaming': url =>
    `<SmoothStreamingMedia MajorVersion="2" Duration="20000000"><StreamIndex Type="video" Url="${url}"/></SmoothStreamingMedia>`,
  SVG: url =>
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="${url}"/></svg>`,
}

for (const [name, form] of Object.entries(FORMS)) {
  t.test(`${name} with the name of a video opens no other file`, async t => {
    for (const [index, target] of targets.entries()) {
      const path = join(directory, `${name.replaceAll(' ', '-')}-${index}.mp4`)
      await writeFile(path, form(target))
      t.match(await failure(inspect(path, signal)), { code: 'unsupported_media', retryable: false }, target)
    }
    // The service never gives such a file to ffmpeg, because ffprobe refuses it first. ffmpeg must not open other files either.
    const result = join(directory, 'stolen')
    for (const index of [0, targets.findIndex(target => target.startsWith('http'))]) {
      const path = join(directory, `${name.replaceAll(' ', '-')}-${index}.mp4`)
      const unsupported = { code: 'unsupported_media', retryable: false }
      for (const selector of ['0:a:0', '0:v:0']) {
        const outputs = [{ map: [selector], options: ['-c', 'copy'], format: 'matroska', path: result }]
        t.match(await failure(runFfmpeg({ input: path, outputs }, { signal })), unsupported)
      }
      await until(() => childrenWith(path).length === 0)
    }
    t.notOk(existsSync(result))
    t.equal(canary.calls, 0, 'no server was called')
  })
}
