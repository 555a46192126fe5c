/**
 * Hash routes: `#/`, `#/task/0x…/train`. The built folder works from any path
 * of any static host and from an IPFS gateway, since the server never sees them.
 */
function segments(): string[] {
  return location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decodeURIComponent)
}

/** The current route's path segments, e.g. `['task', '1', 'train']`. */
export const route = $state({ path: segments() })

addEventListener('hashchange', () => {
  route.path = segments()
  scrollTo({ top: 0 })
})

/** A link to a route, for `href`. */
export function href(...path: (string | number | bigint)[]): string {
  return '#/' + path.map((part) => encodeURIComponent(String(part))).join('/')
}
