// Uploads a file with tus-js-client: node tus-js-resume.mjs ENDPOINT FILE MODULE PROTOCOL. Prints the upload's URL.
import { readFileSync } from 'node:fs'

const [endpoint, path, module, protocol] = process.argv.slice(2)
const { Upload } = await import(module)
const upload = new Upload(readFileSync(path), {
  endpoint,
  ...(protocol && { protocol }),
  retryDelays: Array(20).fill(1000),
  metadata: { filename: 'holiday.mp4', title: 'Holiday' },
  onSuccess: () => console.log(upload.url),
  onError: error => {
    console.error(error)
    process.exit(1)
  },
})
upload.start()
