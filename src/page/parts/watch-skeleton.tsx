import { say } from '../locale/say.ts'

/** The outline of the watch view while its code and its video are loaded. */
export function WatchSkeleton() {
  return (
    <div class="watch-skeleton" role="status" aria-label={say('Loading the video')}>
      <span class="skeleton-box" />
      <div class="skeleton-lines">
        <span />
        <span />
      </div>
      <div class="skeleton-panel skeleton-lines">
        {[0, 1, 2, 3, 4, 5].map(at => (
          <span key={at} />
        ))}
      </div>
    </div>
  )
}
