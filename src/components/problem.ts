/** The first line of an error, for people. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null) {
    if ('shortMessage' in error && typeof error.shortMessage === 'string') return error.shortMessage
    if ('message' in error && typeof error.message === 'string') return error.message
  }
  return String(error)
}

/** What the person can do next; errors of this project carry it as `advice`. */
export function adviceOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'advice' in error && typeof error.advice === 'string') return error.advice
  return 'Nothing was lost: try again, or reload the page and go on from where you were.'
}
