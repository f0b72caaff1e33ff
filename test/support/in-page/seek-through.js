/** Loads a video, seeks to several positions, and plays it to its end: see `SoughtThrough` in browser.ts. */
// biome-ignore lint/correctness/noUnusedVariables: called by name
async function seekThrough({ url, seeks }) {
  const { video, nextEvent } = loadVideo(url)
  const reached = []
  let error
  try {
    await nextEvent('loadeddata')
    for (let seek = 0; seek < seeks; seek++) {
      const seeked = nextEvent('seeked')
      // Forwards and backwards: the step has no factor in common with the number of positions.
      video.currentTime = (((seek * 7 + 3) % seeks) / seeks) * video.duration
      await seeked
      reached.push(video.currentTime)
    }
    const rewound = nextEvent('seeked')
    video.currentTime = 0
    await rewound
    const ended = nextEvent('ended')
    video.playbackRate = 8
    await video.play()
    await ended
  } catch (failure) {
    error = failure.message
  }
  return { error, reached: reached.length, ended: video.ended, duration: video.duration }
}
