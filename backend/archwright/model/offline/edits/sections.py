"""Requests about one section of the design document: write it anew, or take it out."""

from archwright.diagram.document import PARTS, slug_of
from archwright.model.offline.document import body_of
from archwright.model.offline.edits.draft import Call, Draft, NotUnderstood
from archwright.model.offline.edits.names import one
from archwright.model.offline.edits.words import enumerated, stems


def rewrite(draft: Draft, phrase: str) -> None:
    """Write a section from what the diagram says. Raises NotUnderstood, Unclear."""
    slug, title = _section(draft, phrase)
    body = body_of(slug, draft.diagram)
    draft.calls.append(Call("update_document_section", {"slug": slug, "title": title, "body": body}))
    draft.say(f"Wrote the section {title} from what the diagram says.")


def remove(draft: Draft, phrase: str) -> None:
    """Take a section out of the document. Raises NotUnderstood, Unclear."""
    slug, title = _section(draft, phrase)
    draft.calls.append(Call("delete_document_section", {"slug": slug}))
    draft.say(f"Removed the section {title}.")


def _section(draft: Draft, phrase: str) -> tuple[str, str]:
    """The slug and the title of a part of every document, or of the section of a component."""
    wanted = set(stems(phrase))
    parts = [(slug, title) for slug, title in PARTS if wanted and wanted <= set(stems(f"{slug} {title}"))]
    if len(parts) == 1:
        return parts[0]
    try:
        node = one(draft, phrase)
    except NotUnderstood:
        titles = enumerated([title for _, title in PARTS])
        raise NotUnderstood(
            f'There is no section "{phrase.strip()}"; there are {titles}, and one a component.'
        ) from None
    return slug_of(node.id), node.label
