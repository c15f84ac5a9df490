/** Whether a text is an address such as https://… and no path. */
export const isAddress = (text: string): boolean => /^[a-z][a-z\d+.-]*:\/\//i.test(text);

/** Whether it is one that `fetch` gets. */
export const isWeb = (text: string): boolean => /^https?:\/\//i.test(text);

/** An address without what may be secret (a password, a query), as sentences show it. */
export function shownAddress(address: string): string {
  const url = parsed(address);
  return url ? `${url.protocol}//${url.host}${url.pathname}` : address;
}

/** The address as a URL; null where it is none. */
export function parsed(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
