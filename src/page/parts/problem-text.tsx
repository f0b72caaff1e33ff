/** An error message that screen readers announce. Renders nothing without a text. */
export function ProblemText({ text }: { text: string | undefined }) {
  if (!text) return null
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  )
}
