/** Loads a video, jumps to a share of it, and tells what is there then: see `Played` in browser.ts. */
// biome-ignore lint/correctness/noUnusedVariables: called by name
async function play({ url, share }) {
  const video = document.createElement('video')
  const happens = name =>
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
  let error
  try {
    await happens('loadeddata')
    const seeked = happens('seeked')
    video.currentTime = share * video.duration
    await seeked
  } catch (failure) {
    error = failure.message
  }
  const canvas = document.createElement('canvas')
  canvas.width = 32
  canvas.height = 32
  const context = canvas.getContext('2d')
  // The picture comes a moment after the event, on a busy machine a long one; sound alone has none.
  let contrast = 0
  for (let tries = 0; tries < 300 && contrast <= 50 && video.videoWidth > 0; tries++) {
    if (tries > 0) await new Promise(resolve => setTimeout(resolve, 100))
    context.drawImage(video, 0, 0, 32, 32)
    const pixels = context.getImageData(0, 0, 32, 32).data.filter((_, index) => index % 4 < 3)
    contrast = Math.max(...pixels) - Math.min(...pixels)
  }
  return {
    error,
    duration: video.duration,
    currentTime: video.currentTime,
    width: video.videoWidth,
    height: video.videoHeight,
    picture: contrast > 50,
  }
}
