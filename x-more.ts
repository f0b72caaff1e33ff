import { playback } from './src/processing/playback.ts'
import { mediaClip, lyingClip } from './test/support/media-clips.ts'
import { runStep } from './test/support/run-step.ts'
import { execFileSync } from 'node:child_process'
const gap = '/tmp/clips/gap.mkv'
execFileSync('ffmpeg', ['-v','error','-y','-f','lavfi','-i','testsrc2=size=160x120:rate=10:duration=20','-vf',"select='lt(t\\,2)+gt(t\\,17)'",'-vsync','vfr','-c:v','libx265','-x265-params','log-level=error',gap])
for (const p of [await mediaClip('fast.mkv'), await mediaClip('interlaced.ts'), gap, await lyingClip(await mediaClip('index-last.mp4'), 25000), await mediaClip('anamorphic.mkv'), await mediaClip('memo.wma')]) {
  const m = await runStep(playback, p)
  const f = m.files.playback
  console.log(p.slice(-20), m.playback, JSON.stringify(f?.details), f && execFileSync('ffprobe',['-v','error','-count_packets','-show_entries','stream=codec_name,nb_read_packets,avg_frame_rate,sample_aspect_ratio,width,height','-of','compact',f.path]).toString())
}
