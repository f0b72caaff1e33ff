/** Posts a message `data` milliseconds after each message. */
addEventListener('message', ({ data }: MessageEvent<number>) => setTimeout(() => postMessage(0), data))
