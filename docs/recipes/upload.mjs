// Uploads a file, resumes after lost connections, waits until the video is processed, and prints the transcript.
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Upload } from 'tus-js-client'

const { LONGTAKE_URL: server = 'http://127.0.0.1:3000', LONGTAKE_KEY: key } = process.env
const headers = key ? { Authorization: `Bearer ${key}` } : {}

/** @returns the id of the video. */
function upload(path) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(createReadStream(path), {
      endpoint: `${server}/uploads`,
      headers,
      chunkSize: 64 * 1024 * 1024,
      retryDelays: [0, 1000, 3000, 5000, 10_000, 20_000],
      metadata: { filename: basename(path) },
      onSuccess: () => resolve(upload.url.split('/').pop()),
      onError: reject,
    })
    upload.start()
  })
}

async function processed(id) {
  for (;;) {
    const response = await fetch(`${server}/videos/${id}`, { headers }).catch(() => undefined)
    if (response?.ok) {
      const video = await response.json()
      if (video.status !== 'processing') return video
    } else if (response && response.status < 500 && response.status !== 429) {
      throw new Error(await response.text())
    }
    await pause(1000)
  }
}

const video = await processed(await upload(process.argv[2]))
console.log(video.transcript ?? video.status)
