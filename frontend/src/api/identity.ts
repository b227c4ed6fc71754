/** Who asks: the token that every request carries. A share link brings its own and lets one look, not touch. */

const shared = /[#&]share=([^&]+)/.exec(location.hash);
const shareToken = shared ? decodeURIComponent(shared[1]!) : null;

/** Whether the page was opened by a share link: it shows and changes nothing. */
export const viewing = shareToken !== null;
export const VIEW_ONLY = "This link shows the diagram; nothing can be changed here.";

let source: () => Promise<string | null> = async () => shareToken;

/** From now on requests carry the tokens of this source. */
export function signWith(tokens: () => Promise<string | null>): void {
  source = tokens;
}

export async function sign(headers: Headers): Promise<void> {
  const token = await source();
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
}
