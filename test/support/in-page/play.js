/** Loads a video, seeks to a share of its duration, and reports the state there: see `Played` in browser.ts. */
// biome-ignore lint/correctness/noUnusedVariables: called by name
async function play({ url, share }) {
  const { video, nextEvent } = loadVideo(url)
  let error
  try {
    await nextEvent('loadeddata')
    const seeked = nextEvent('seeked')
    video.currentTime = share * video.duration
    await seeked
  } catch (failure) {
    error = failure.message
  }
  const canvas = document.createElement('canvas')
  canvas.width = 32
  canvas.height = 32
  const context = canvas.getContext('2d')
  // The frame is drawn some time after the event, on a busy machine a long time. Audio alone has no frame.
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
