"""Kinds of system: which one a text describes, and what it consists of."""

from archwright.model.offline.patterns.model import Link, Pattern, Role, best, patterns

__all__ = ["Link", "Pattern", "Role", "best", "patterns"]
