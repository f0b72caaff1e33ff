/** What went wrong, as a sentence that screen readers announce. Renders nothing without a text. */
export function ProblemText({ text }: { text: string | undefined }) {
  if (!text) return null
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  )
}
