/** Copying, on pages without TLS too, where there is no clipboard to write to: by a selected field, or by hand. */

export const NO_PICTURES = "This browser copies pictures from https:// pages only; export the diagram as PNG instead.";

/** Copy a text. Where the browser lets no page copy, it is shown, selected, for the person to copy. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copiedByField(text)) window.prompt("Copy this:", text);
  }
}

/** Copy a picture. Throws with a sentence for the person where the browser cannot. */
export async function copyPicture(picture: Promise<Blob>): Promise<void> {
  if (!window.isSecureContext || typeof ClipboardItem === "undefined") throw new Error(NO_PICTURES);
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}

function copiedByField(text: string): boolean {
  const before = document.activeElement;
  const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  field.style.cssText = "position:fixed;top:0;opacity:0";
  (document.querySelector("[role=dialog]") ?? document.body).append(field);
  try {
    field.select();
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
    if (before instanceof HTMLElement) before.focus();
  }
}
