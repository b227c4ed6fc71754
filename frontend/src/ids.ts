/** Random ids, on pages without TLS too: `crypto.randomUUID` exists in secure contexts only. */

/** 32 hexadecimal digits. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
