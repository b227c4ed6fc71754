/** Where the product lies: the path of its page and its API, "/" unless a proxy serves it under another. */

const told = document.querySelector<HTMLMetaElement>('meta[name="archwright-base"]')?.content ?? "/";

/** Begins and ends with a slash. */
export const BASE: string = told.endsWith("/") ? told : `${told}/`;

/** The address of a path of the product, which begins with a slash. */
export const addressOf = (path: string): string => BASE + path.slice(1);

/** The product's own path in an address; what lies elsewhere is its start page. */
export function pathOf(address: string): string {
  return address.startsWith(BASE) ? `/${address.slice(BASE.length)}` : "/";
}
