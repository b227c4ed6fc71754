/** Markdown as text: no HTML, no images, and links of three kinds only. */

import Markdown from "react-markdown";
import gfm from "remark-gfm";

const SAFE = /^(?:https?:|mailto:)/i;

export function Words({ text }: { text: string }) {
  return (
    <Markdown
      remarkPlugins={[gfm]} skipHtml disallowedElements={["img"]} unwrapDisallowed
      urlTransform={(url) => (SAFE.test(url) ? url : "")}
      components={{ a: ({ href, children }) => (href ? <a href={href} target="_blank" rel="noopener noreferrer nofollow">{children}</a> : <span>{children}</span>) }}
    >
      {text}
    </Markdown>
  );
}
