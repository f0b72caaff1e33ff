/** Starts to load a video. @returns its element, and a function that waits for the next event of a name, at most a minute. */
// biome-ignore lint/correctness/noUnusedVariables: called by name
function loadVideo(url) {
  const video = document.createElement('video')
  const nextEvent = name =>
    new Promise((resolve, reject) => {
      video.addEventListener(name, resolve, { once: true })
      video.addEventListener('error', () => reject(new Error(video.error?.message ?? 'unknown')), {
        once: true,
      })
      setTimeout(() => reject(new Error(`no ${name} within a minute`)), 60_000)
    })
  video.muted = true
  video.preload = 'auto'
  video.src = url
  return { video, nextEvent }
}
