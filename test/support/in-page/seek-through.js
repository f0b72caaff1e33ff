/** Loads a video, jumps to places in it and plays it to its end: see `SoughtThrough` in browser.ts. */
// biome-ignore lint/correctness/noUnusedVariables: called by name
async function seekThrough({ url, seeks }) {
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
  const reached = []
  let error
  try {
    await happens('loadeddata')
    for (let seek = 0; seek < seeks; seek++) {
      const seeked = happens('seeked')
      // Forwards and backwards, by a step that has no factor in common with the number of places.
      video.currentTime = (((seek * 7 + 3) % seeks) / seeks) * video.duration
      await seeked
      reached.push(video.currentTime)
    }
    const rewound = happens('seeked')
    video.currentTime = 0
    await rewound
    const ended = happens('ended')
    video.playbackRate = 8
    await video.play()
    await ended
  } catch (failure) {
    error = failure.message
  }
  return { error, reached: reached.length, ended: video.ended, duration: video.duration }
}
