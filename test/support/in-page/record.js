/** Records the browser's camera and microphone for two and a half seconds. @returns the file, in base64. */
// biome-ignore lint/correctness/noUnusedVariables: called by name
async function record(type) {
  const video = type.startsWith('video') && { width: 320, height: 240 }
  const stream = await navigator.mediaDevices.getUserMedia({ video, audio: true })
  const recorder = new MediaRecorder(stream, { mimeType: type })
  const chunks = []
  recorder.ondataavailable = ({ data }) => chunks.push(data)
  const stopped = new Promise(resolve => {
    recorder.onstop = resolve
  })
  recorder.start(500)
  await new Promise(resolve => setTimeout(resolve, 2500))
  recorder.stop()
  await stopped
  for (const track of stream.getTracks()) track.stop()
  let text = ''
  for (const byte of new Uint8Array(await new Blob(chunks).arrayBuffer())) text += String.fromCharCode(byte)
  return btoa(text)
}
