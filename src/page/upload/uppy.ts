import Uppy from '@uppy/core'
import '@uppy/core/css/style.min.css'
import Dashboard from '@uppy/dashboard'
import '@uppy/dashboard/css/style.min.css'
import GoldenRetriever from '@uppy/golden-retriever'
import Tus from '@uppy/tus'
import './uppy.css'
import { checkConnection, isUnreachable, noteResponse } from '../api/connection.ts'
import { reasonFor } from '../api/http.ts'
import { setOwnUploads } from '../api/own-uploads.ts'
import { waitForSignIn } from '../api/session.ts'
import { toast } from '../parts/toasts.tsx'
import { address } from '../router.ts'
import { Interruptions } from './interruptions.ts'
import { uploaded, uploading } from './uploading.ts'

/** Proxies limit the size of a request. */
const CHUNK_BYTES = 64 * 1024 * 1024

/** Waits between attempts while the server responds with errors. While it is unreachable, the upload waits for the connection instead. */
const RETRIES_MS = [0, 1000, 2000, 3000, 5000, 5000, 10_000, 10_000, 20_000, 30_000, 60_000, 60_000, 120_000]

type Meta = { title: string; description: string; tags: string }
type Body = Record<string, never>

const uppy = new Uppy<Meta, Body>({
  id: 'longtake',
  restrictions: {
    allowedFileTypes: ['video/*', 'audio/*', '.mkv', '.mov', '.ts', '.mts', '.m2ts', '.avi', '.flac'],
  },
  locale: {
    strings: {
      youCanOnlyUploadFileTypes: 'This file is neither video nor audio.',
      failedToUpload: '%{file} could not be uploaded',
      noDuplicates: '%{fileName} is already in the list',
    },
    pluralize: count => (count === 1 ? 0 : 1),
  },
  onBeforeFileAdded: file => ({
    ...file,
    meta: { ...file.meta, title: titleOf(file.name ?? ''), description: '', tags: '' },
  }),
})
  .use(Tus, {
    endpoint: address('uploads'),
    chunkSize: CHUNK_BYTES,
    retryDelays: RETRIES_MS,
    limit: 3,
    allowedMetaFields: ['name', 'type', 'title', 'description', 'tags'],
    removeFingerprintOnSuccess: true,
    onShouldRetry(error, _attempt, _options, next) {
      const status = error.originalResponse?.getStatus() || 0
      if (isUnreachable(status)) void checkConnection()
      if (status !== 401) return next(error)
      // The upload is retried after the sign-in.
      void waitForSignIn().then(() => uppy.retryAll())
      return false
    },
  })
  // Stores unfinished uploads in the browser, for when the tab is closed.
  .use(GoldenRetriever, { expires: 7 * 24 * 60 * 60 * 1000 })

uppy.on('upload-success', (file, response) => {
  // The video has the upload's id.
  const id = response.uploadURL?.split('/').at(-1)
  if (!file || !id) return
  uploaded.value = [{ id, title: file.meta.title }, ...uploaded.value]
})

const interruptions = new Interruptions(uppy)

// Uppy's own message about a failed upload is too technical.
uppy.on('upload-error', async (file, error) => {
  if (!file) return
  const { originalResponse: response } = error as { originalResponse?: FailedResponse | null }
  const away = isUnreachable(response?.getStatus() ?? 0)
  if (away && (await interruptions.willRetry(file.id))) return
  const reason = away ? 'The connection was lost too often.' : reasonOf(response!.getBody())
  if (reason) toast(`“${file.meta.title}” could not be uploaded. ${reason}`, { seconds: 12 })
})

interface FailedResponse {
  getStatus(): number
  getBody(): string
}

for (const event of [
  'upload',
  'upload-progress',
  'upload-pause',
  'complete',
  'cancel-all',
  'file-removed',
  'upload-error',
  'restored',
] as const) {
  uppy.on(event, () => {
    interruptions.update()
    const files = interruptions.active()
    setOwnUploads(
      'upload',
      files.flatMap(({ tus }) => tus?.uploadUrl ?? []),
    )
    const sent = files.reduce((sum, { progress }) => sum + (progress.bytesUploaded || 0), 0)
    const all = files.reduce((sum, { size }) => sum + (size ?? 0), 0)
    uploading.value = files.length > 0 ? { percent: Math.floor((100 * sent) / Math.max(1, all)) } : undefined
  })
}
uppy.on('upload-progress', noteResponse)

addEventListener('beforeunload', event => {
  if (uploading.value) event.preventDefault()
})

/** Shows the uploads in an element. @returns a function that removes them; the uploads continue */
export function showUploads(target: HTMLElement): () => void {
  uppy.use(Dashboard, {
    inline: true,
    target,
    width: '100%',
    // Leaves room below for the list of finished uploads.
    height: Math.min(520, Math.max(340, innerHeight - 380)),
    singleFileFullScreen: false,
    theme: 'auto',
    proudlyDisplayPoweredByUppy: false,
    showLinkToFileUploadResult: false,
    fileManagerSelectionType: 'files',
    note: 'Any kind of video or audio.',
    metaFields: [
      { id: 'title', name: 'Title', placeholder: 'Shown in the library' },
      { id: 'description', name: 'Description', placeholder: 'What the video is about' },
      { id: 'tags', name: 'Tags', placeholder: 'Separated by commas: team, weekly' },
    ],
    locale: {
      strings: {
        dropPasteFiles: matchMedia('(pointer: coarse)').matches
          ? '%{browseFiles}'
          : 'Drop videos here or %{browseFiles}',
        browseFiles: 'Choose files',
        sessionRestored: 'Unfinished uploads',
        recoveredXFiles: {
          0: 'Choose the same file again to resume the upload.',
          1: 'Choose the same %{smart_count} files again to resume the uploads.',
        },
        recoveredAllFiles: 'The uploads can be resumed.',
        reSelect: 'Choose again',
        editFile: 'Edit title and description',
        editFileWithFilename: 'Edit title and description of %{file}',
        editing: 'Edit %{file}',
      },
    },
  })
  // Uppy marks a single file as a list item without a list around it (Dashboard 6.0.3).
  const lists = new MutationObserver(() =>
    target.querySelector('.uppy-Dashboard-files:not([role])')?.setAttribute('role', 'list'),
  )
  lists.observe(target, { childList: true, subtree: true })
  return () => {
    lists.disconnect()
    const dashboard = uppy.getPlugin('Dashboard')
    if (dashboard) uppy.removePlugin(dashboard)
  }
}

function reasonOf(body: string): string | undefined {
  try {
    return reasonFor(JSON.parse(body))
  } catch {
    return undefined
  }
}

/** `Team_meeting-2.mp4` → `Team meeting-2` */
function titleOf(filename: string): string {
  return (
    filename
      .replace(/\.[^.]+$/, '')
      .replaceAll('_', ' ')
      .trim() || filename
  )
}
